-- Who may see and change the records of the organization.
INSERT INTO permissions (code, description) VALUES
  ('members.read', 'See members and their memberships'),
  ('members.manage', 'Change members and their memberships'),
  ('donations.read', 'See donors, pledges and donations'),
  ('donations.manage', 'Change donors, pledges and donations'),
  ('chapters.read', 'See chapters and their meetings'),
  ('chapters.manage', 'Change chapters and their meetings');

INSERT INTO role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM roles AS r
JOIN permissions AS p
  ON (r.code = 'administrator' AND p.code IN ('members.read', 'members.manage', 'donations.read', 'donations.manage', 'chapters.read', 'chapters.manage'))
  OR (r.code = 'manager' AND p.code IN ('members.read', 'members.manage', 'chapters.read', 'chapters.manage'))
  OR (r.code = 'auditor' AND p.code IN ('members.read', 'donations.read', 'chapters.read'))
  OR (r.code = 'member' AND p.code = 'chapters.read');
