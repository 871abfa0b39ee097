-- What the first roles may do.
INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON r.code = 'administrator'
  OR (r.code = 'manager' AND p.code IN ('users.read', 'roles.read', 'organization.read', 'organization.manage', 'audit.read', 'settings.read'))
  OR (r.code = 'member' AND p.code IN ('users.read', 'organization.read'))
  OR (r.code = 'auditor' AND p.code IN ('users.read', 'roles.read', 'organization.read', 'audit.read', 'settings.read'));
