-- Who may see and run elections.
INSERT INTO permissions (code, description) VALUES
  ('elections.read', 'See elections and their results'),
  ('elections.manage', 'Prepare, open and close elections');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('elections.read', 'elections.manage'))
  OR (r.code IN ('manager', 'member', 'auditor') AND p.code = 'elections.read');
