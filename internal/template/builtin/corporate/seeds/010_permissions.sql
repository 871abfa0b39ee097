-- Who may see and change departments, employees and projects.
INSERT INTO permissions (code, description) VALUES
  ('departments.manage', 'Change departments'),
  ('employees.read', 'See employees and their contracts'),
  ('employees.manage', 'Change employees and their contracts'),
  ('projects.read', 'See projects and who works on them'),
  ('projects.manage', 'Change projects and who works on them');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('departments.manage', 'employees.read', 'employees.manage', 'projects.read', 'projects.manage'))
  OR (r.code = 'manager' AND p.code IN ('employees.read', 'projects.read', 'projects.manage'))
  OR (r.code = 'auditor' AND p.code IN ('employees.read', 'projects.read'))
  OR (r.code = 'member' AND p.code = 'projects.read');
