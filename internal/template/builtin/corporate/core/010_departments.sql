-- Departments and the employees in them. An employee is a user with a contract.

-- People sign in at terminals with their personnel number.
ALTER TABLE users
  ADD COLUMN employee_number VARCHAR(32) CHARACTER SET ascii COLLATE ascii_general_ci NULL
    COMMENT 'Personnel number; NULL: not employed, for example a contractor',
  ADD UNIQUE KEY uq_users_employee_number (employee_number);

CREATE TABLE departments (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  organizational_unit_id INT UNSIGNED NOT NULL
                         COMMENT 'Its place in the organization; the hierarchy is there',
  code                   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name                   VARCHAR(200) NOT NULL,
  cost_center            VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL
                         COMMENT 'Number in the accounting system',
  head_user_id           BIGINT UNSIGNED NULL
                         COMMENT 'NULL: vacant',
  is_active              TINYINT(1) NOT NULL DEFAULT 1,
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_departments_code (code),
  UNIQUE KEY uq_departments_unit (organizational_unit_id),
  KEY ix_departments_cost_center (cost_center),
  KEY ix_departments_head (head_user_id),
  CONSTRAINT fk_departments_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  -- To users, not to employees: no circle between the two tables.
  CONSTRAINT fk_departments_head FOREIGN KEY (head_user_id)
    REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Departments';
