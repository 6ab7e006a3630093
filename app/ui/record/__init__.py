"""The Record screen: a message, a call or a job."""
