"""The "+": recording a message, a call or a job."""
