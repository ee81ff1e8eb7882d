"""The engine, as the add-on sees it: another Python, started and listened to."""
