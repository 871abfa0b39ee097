-- How the tenant is organized: a forest of units, and who belongs to them.

CREATE TABLE organizational_units (
  id         INT UNSIGNED NOT NULL AUTO_INCREMENT,
  parent_id  INT UNSIGNED NULL
             COMMENT 'NULL: a unit at the top',
  code       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
             COMMENT 'Stable short name, without a slash',
  name       VARCHAR(200) NOT NULL,
  unit_type  VARCHAR(50) NULL
             COMMENT 'What the tenant calls this kind of unit, for example region or branch',
  status     ENUM('active','closed') NOT NULL DEFAULT 'active',
  sort_order INT NOT NULL DEFAULT 0
             COMMENT 'Among the units of one parent',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_organizational_units_code (code),
  KEY ix_organizational_units_parent (parent_id, sort_order, name),
  -- A unit is emptied before it goes: a whole branch never vanishes at once.
  CONSTRAINT fk_organizational_units_parent FOREIGN KEY (parent_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  CONSTRAINT ck_organizational_units_code CHECK (code NOT LIKE '%/%')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Hierarchy of the organization';

CREATE TABLE organizational_unit_members (
  organizational_unit_id INT UNSIGNED NOT NULL,
  user_id                BIGINT UNSIGNED NOT NULL,
  title                  VARCHAR(100) NULL
                         COMMENT 'What the person is in this unit',
  is_lead                TINYINT(1) NOT NULL DEFAULT 0,
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (organizational_unit_id, user_id),
  KEY ix_organizational_unit_members_user (user_id),
  CONSTRAINT fk_organizational_unit_members_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE CASCADE,
  CONSTRAINT fk_organizational_unit_members_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who belongs to which unit';

-- Each unit with its depth (0 at the top) and its path, such as north/city/west.
-- The units below one: WHERE path LIKE CONCAT((its path), '/%').
CREATE SQL SECURITY INVOKER VIEW organizational_unit_paths AS
WITH RECURSIVE tree AS (
  -- The collation is named because servers differ in what a cast text has.
  SELECT u.id AS id, u.id AS root_id, 0 AS depth,
    CAST(u.code AS CHAR(2000) CHARACTER SET ascii) COLLATE ascii_bin AS path
  FROM organizational_units AS u
  WHERE u.parent_id IS NULL
  UNION ALL
  SELECT c.id AS id, t.root_id AS root_id, t.depth + 1 AS depth,
    CONCAT(t.path, '/', c.code) AS path
  FROM organizational_units AS c
  JOIN tree AS t ON t.id = c.parent_id
)
SELECT tree.id AS id, tree.root_id AS root_id, tree.depth AS depth, tree.path AS path
FROM tree;
