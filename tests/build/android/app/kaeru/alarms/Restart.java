package app.kaeru.alarms;

import android.content.Context;
import android.content.Intent;

/** Restarts a phone whose list of alarms is the argument; without one it has none. */
public final class Restart {
  public static void main(String[] arguments) {
    Context context = new Context();
    if (arguments.length > 0) {
      context
          .getSharedPreferences(BootReceiver.LIST, Context.MODE_PRIVATE)
          .edit()
          .putString(BootReceiver.LIST, arguments[0])
          .commit();
    }
    new BootReceiver().onReceive(context, new Intent());
  }
}
