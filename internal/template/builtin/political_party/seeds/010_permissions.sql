-- Who may see and change what the party does.
INSERT INTO permissions (code, description) VALUES
  ('constituencies.read', 'See constituencies'),
  ('constituencies.manage', 'Change constituencies'),
  ('positions.read', 'See positions and who holds them'),
  ('positions.manage', 'Change positions and who holds them'),
  ('campaigns.read', 'See campaigns, their events and expenses'),
  ('campaigns.manage', 'Change campaigns, their events and expenses');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('constituencies.read', 'constituencies.manage', 'positions.read', 'positions.manage', 'campaigns.read', 'campaigns.manage'))
  OR (r.code = 'manager' AND p.code IN ('constituencies.read', 'positions.read', 'campaigns.read', 'campaigns.manage'))
  OR (r.code = 'auditor' AND p.code IN ('constituencies.read', 'positions.read', 'campaigns.read'))
  OR (r.code = 'member' AND p.code IN ('constituencies.read', 'positions.read'));
