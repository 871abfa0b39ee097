-- Who may see and change memberships.
INSERT INTO permissions (code, description) VALUES
  ('memberships.read', 'See membership plans and subscriptions'),
  ('memberships.manage', 'Change membership plans and subscriptions');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('memberships.read', 'memberships.manage'))
  OR (r.code IN ('manager', 'auditor') AND p.code = 'memberships.read');
