-- Who may see and keep the books.
INSERT INTO permissions (code, description) VALUES
  ('finance.read', 'See accounts, bookings and budgets'),
  ('finance.manage', 'Change accounts, bookings and budgets');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('finance.read', 'finance.manage'))
  OR (r.code IN ('manager', 'auditor') AND p.code = 'finance.read');
