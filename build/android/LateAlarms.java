package app.kaeru.alarms;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * What becomes of alarms whose time came while the phone was off.
 *
 * <p>flutter_local_notifications sets everything on its list again, and Android rings at once what is over: after a
 * weekend all of it rings together. The payload of each alarm says when it was to ring (`at`) and until when it is of
 * use (`until`), both in milliseconds since 1970, and what it is about (`shown`); app/platform/alarms.py writes it.
 */
final class LateAlarms {
  /** A restart takes a few minutes: what fell due in them rings as usual. */
  static final long RINGS_MS = 15 * 60 * 1000;

  private LateAlarms() {}

  /** The plug-in's list, as JSON, without what is of no use any more; what is late is shown in silence, once a thing. */
  static String sorted(String listed, long now) {
    try {
      JSONArray found = new JSONArray(listed);
      Map<String, Integer> latest = latestLate(found, now);
      JSONArray kept = new JSONArray();
      for (int index = 0; index < found.length(); index++) {
        JSONObject alarm = found.getJSONObject(index);
        JSONObject payload = payload(alarm);
        if (isLate(payload, now)) {
          if (latest.get(thing(payload)) != index) {
            continue;
          }
          alarm.put("silent", true);
        }
        kept.put(alarm);
      }
      return kept.toString();
    } catch (JSONException unexpected) {
      return listed; // ringing too much is better than not at all
    }
  }

  /** Where in the list the latest of each thing's late alarms is, if it is still of use; else -1. */
  private static Map<String, Integer> latestLate(JSONArray found, long now) throws JSONException {
    Map<String, Integer> latest = new LinkedHashMap<>();
    Map<String, Long> times = new HashMap<>();
    for (int index = 0; index < found.length(); index++) {
      JSONObject payload = payload(found.getJSONObject(index));
      if (!isLate(payload, now)) {
        continue;
      }
      String thing = thing(payload);
      long at = payload.getLong("at");
      boolean isOfUse = payload.optLong("until", Long.MAX_VALUE) >= now;
      latest.putIfAbsent(thing, -1);
      if (isOfUse && at >= times.getOrDefault(thing, Long.MIN_VALUE)) {
        times.put(thing, at);
        latest.put(thing, index);
      }
    }
    return latest;
  }

  private static boolean isLate(JSONObject payload, long now) {
    return payload.optLong("at", Long.MAX_VALUE) < now - RINGS_MS;
  }

  /** `shown` is the time and what it is about, with a stroke between. */
  private static String thing(JSONObject payload) {
    String shown = payload.optString("shown");
    return shown.substring(shown.indexOf('/') + 1);
  }

  private static JSONObject payload(JSONObject alarm) {
    try {
      return new JSONObject(alarm.optString("payload"));
    } catch (JSONException unexpected) {
      return new JSONObject();
    }
  }
}
