-- Employees: what follows from their contracts.

CREATE TABLE employees (
  id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id         BIGINT UNSIGNED NOT NULL
                  COMMENT 'Name, address and personnel number are there',
  department_id   INT UNSIGNED NOT NULL,
  manager_id      BIGINT UNSIGNED NULL
                  COMMENT 'Employee who leads this one; NULL: nobody',
  job_title       VARCHAR(150) NOT NULL,
  employment_type ENUM('full_time','part_time','temporary','intern','apprentice') NOT NULL DEFAULT 'full_time',
  weekly_hours    DECIMAL(4,2) NULL
                  COMMENT 'As in the contract; NULL: not fixed',
  hired_on        DATE NOT NULL,
  left_on         DATE NULL
                  COMMENT 'Last day; NULL: still employed',
  created_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_employees_user (user_id),
  KEY ix_employees_department (department_id, left_on),
  KEY ix_employees_manager (manager_id),
  KEY ix_employees_hired (hired_on),
  -- Records about work are kept by law: the account is deactivated, not deleted.
  CONSTRAINT fk_employees_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT fk_employees_department FOREIGN KEY (department_id)
    REFERENCES departments (id) ON DELETE RESTRICT,
  CONSTRAINT fk_employees_manager FOREIGN KEY (manager_id)
    REFERENCES employees (id) ON DELETE SET NULL,
  CONSTRAINT ck_employees_hours CHECK (weekly_hours > 0 AND weekly_hours <= 60),
  CONSTRAINT ck_employees_period CHECK (left_on >= hired_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Employees';

-- The directory of everybody who works here today (UTC).
CREATE SQL SECURITY INVOKER VIEW employee_directory AS
SELECT
  e.id              AS employee_id,
  u.employee_number AS employee_number,
  u.display_name    AS display_name,
  u.email           AS email,
  e.job_title       AS job_title,
  d.code            AS department_code,
  d.name            AS department_name,
  mu.display_name   AS manager_name
FROM employees AS e
JOIN users AS u ON u.id = e.user_id
JOIN departments AS d ON d.id = e.department_id
LEFT JOIN employees AS m ON m.id = e.manager_id
LEFT JOIN users AS mu ON mu.id = m.user_id
WHERE e.hired_on <= UTC_DATE()
  AND (e.left_on IS NULL OR e.left_on >= UTC_DATE());
