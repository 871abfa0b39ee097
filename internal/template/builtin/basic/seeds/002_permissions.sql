-- What can be allowed in the core of every tenant.
INSERT INTO permissions (code, description) VALUES
  ('users.read', 'See users'),
  ('users.manage', 'Invite, change and deactivate users'),
  ('roles.read', 'See roles and what they allow'),
  ('roles.manage', 'Change roles and give them to users'),
  ('organization.read', 'See organizational units and who belongs to them'),
  ('organization.manage', 'Change organizational units and who belongs to them'),
  ('audit.read', 'Read the audit log'),
  ('settings.read', 'See settings'),
  ('settings.manage', 'Change settings');
