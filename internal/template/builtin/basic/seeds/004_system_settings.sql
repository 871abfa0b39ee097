-- Values that work for everybody until the tenant chooses.
INSERT INTO system_settings (setting_key, setting_value, description, is_public) VALUES
  ('locale.default', '"en"', 'BCP 47 tag of the language', 1),
  ('time_zone.default', '"UTC"', 'IANA name of the time zone for display', 1),
  ('currency.default', '"USD"', 'ISO 4217 code', 1),
  ('session.idle_minutes', '30', 'Minutes without a request that end a session', 0),
  ('password.minimum_length', '12', 'Characters that a password needs at least', 1),
  ('audit.retention_days', '730', 'Days after which the audit log may be cleared', 0);
