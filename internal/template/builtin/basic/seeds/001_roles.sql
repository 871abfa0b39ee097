-- The roles that every tenant starts with.
INSERT INTO roles (code, name, description, is_system) VALUES
  ('administrator', 'Administrator', 'May do everything', 1),
  ('manager', 'Manager', 'Runs organizational units and sees the audit log', 1),
  ('member', 'Member', 'Works with the system', 1),
  ('auditor', 'Auditor', 'Sees everything and changes nothing', 1);
