-- Where a donation goes that was given for no purpose in particular.
INSERT INTO donation_funds (code, name, description, is_restricted) VALUES
  ('general', 'General fund', 'For whatever the organization needs', 0);
