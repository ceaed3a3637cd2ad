"""Messages of MQTT."""
