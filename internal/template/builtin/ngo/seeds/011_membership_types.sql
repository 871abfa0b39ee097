-- Kinds of membership to start from.
INSERT INTO membership_types (code, name, annual_fee, currency, has_vote) VALUES
  ('regular', 'Regular member', 0, 'USD', 1),
  ('supporting', 'Supporting member', 0, 'USD', 0),
  ('honorary', 'Honorary member', 0, 'USD', 1);
