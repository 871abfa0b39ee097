-- Projects and who works on them.

CREATE TABLE projects (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name          VARCHAR(200) NOT NULL,
  description   TEXT NULL,
  department_id INT UNSIGNED NOT NULL
                COMMENT 'Department that pays',
  lead_id       BIGINT UNSIGNED NULL
                COMMENT 'Employee who leads it; NULL: vacant',
  status        ENUM('proposed','active','on_hold','completed','cancelled') NOT NULL DEFAULT 'proposed',
  starts_on     DATE NULL,
  due_on        DATE NULL,
  completed_on  DATE NULL,
  budget_amount DECIMAL(19,4) NULL
                COMMENT 'NULL: no budget set',
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL
                COMMENT 'ISO 4217, of the budget',
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_projects_code (code),
  KEY ix_projects_department (department_id, status),
  KEY ix_projects_lead (lead_id),
  KEY ix_projects_due (status, due_on),
  CONSTRAINT fk_projects_department FOREIGN KEY (department_id)
    REFERENCES departments (id) ON DELETE RESTRICT,
  CONSTRAINT fk_projects_lead FOREIGN KEY (lead_id)
    REFERENCES employees (id) ON DELETE SET NULL,
  CONSTRAINT ck_projects_period CHECK (due_on >= starts_on),
  CONSTRAINT ck_projects_completed CHECK (completed_on >= starts_on),
  CONSTRAINT ck_projects_budget CHECK (budget_amount IS NULL OR (budget_amount >= 0 AND currency IS NOT NULL)),
  CONSTRAINT ck_projects_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Projects';

CREATE TABLE project_assignments (
  id                 BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  project_id         INT UNSIGNED NOT NULL,
  employee_id        BIGINT UNSIGNED NOT NULL,
  project_role       VARCHAR(100) NOT NULL,
  allocation_percent DECIMAL(5,2) NOT NULL DEFAULT 100
                     COMMENT 'Share of the working time',
  starts_on          DATE NOT NULL,
  ends_on            DATE NULL
                     COMMENT 'Last day; NULL: until the project ends',
  PRIMARY KEY (id),
  UNIQUE KEY uq_project_assignments_start (project_id, employee_id, starts_on),
  KEY ix_project_assignments_employee (employee_id, starts_on),
  CONSTRAINT fk_project_assignments_project FOREIGN KEY (project_id)
    REFERENCES projects (id) ON DELETE CASCADE,
  CONSTRAINT fk_project_assignments_employee FOREIGN KEY (employee_id)
    REFERENCES employees (id) ON DELETE RESTRICT,
  CONSTRAINT ck_project_assignments_allocation CHECK (allocation_percent > 0 AND allocation_percent <= 100),
  CONSTRAINT ck_project_assignments_period CHECK (ends_on >= starts_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who works on which project, and how much';

-- How much of each employee is taken by active projects today (UTC).
CREATE SQL SECURITY INVOKER VIEW employee_allocations AS
SELECT
  a.employee_id             AS employee_id,
  COUNT(*)                  AS projects,
  SUM(a.allocation_percent) AS allocation_percent
FROM project_assignments AS a
JOIN projects AS p ON p.id = a.project_id AND p.status = 'active'
WHERE a.starts_on <= UTC_DATE()
  AND (a.ends_on IS NULL OR a.ends_on >= UTC_DATE())
GROUP BY a.employee_id;
