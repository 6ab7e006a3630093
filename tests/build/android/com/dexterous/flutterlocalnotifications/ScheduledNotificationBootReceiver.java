package com.dexterous.flutterlocalnotifications;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/** In the place of the plug-in's: says what it found on the list. */
public class ScheduledNotificationBootReceiver extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    String name = "scheduled_notifications"; // FlutterLocalNotificationsPlugin.SCHEDULED_NOTIFICATIONS
    System.out.println(context.getSharedPreferences(name, Context.MODE_PRIVATE).getString(name, "none"));
  }
}
