package app.kaeru.alarms;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.SharedPreferences;
import com.dexterous.flutterlocalnotifications.ScheduledNotificationBootReceiver;

/** Called after a restart of the phone and an update of the app, in the place of the plug-in's receiver. */
public final class BootReceiver extends BroadcastReceiver {
  /** The plug-in's list: a file of preferences, and the one entry in it. */
  static final String LIST = "scheduled_notifications";

  @Override
  public void onReceive(Context context, Intent intent) {
    SharedPreferences preferences = context.getSharedPreferences(LIST, Context.MODE_PRIVATE);
    String listed = preferences.getString(LIST, null);
    if (listed != null) {
      String sorted = LateAlarms.sorted(listed, System.currentTimeMillis());
      preferences.edit().putString(LIST, sorted).commit();
    }
    new ScheduledNotificationBootReceiver().onReceive(context, intent);
  }
}
