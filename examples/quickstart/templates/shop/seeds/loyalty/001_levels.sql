-- Levels that a shop can rename.
INSERT INTO loyalty_levels (id, name, min_points) VALUES
  (1, 'Bronze', 0),
  (2, 'Silver', 500),
  (3, 'Gold', 2000);
