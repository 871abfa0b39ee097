-- The positions that a party cannot do without.
INSERT INTO party_positions (code, title, seats, term_months, sort_order) VALUES
  ('chair', 'Chair', 1, 24, 10),
  ('deputy_chair', 'Deputy chair', 2, 24, 20),
  ('secretary', 'Secretary', 1, 24, 30),
  ('treasurer', 'Treasurer', 1, 24, 40);
