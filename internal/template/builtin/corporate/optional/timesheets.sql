-- landlord:description: Working time by the week: employees hand in hours per project for approval
-- landlord:conflicts: time_tracking

CREATE TABLE timesheets (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  employee_id    BIGINT UNSIGNED NOT NULL,
  week_starts_on DATE NOT NULL
                 COMMENT 'Always a Monday',
  status         ENUM('draft','submitted','approved','returned') NOT NULL DEFAULT 'draft',
  submitted_at   DATETIME(6) NULL,
  approved_by    BIGINT UNSIGNED NULL,
  approved_at    DATETIME(6) NULL,
  created_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_timesheets_week (employee_id, week_starts_on),
  KEY ix_timesheets_status (status, week_starts_on),
  KEY ix_timesheets_approved_by (approved_by),
  CONSTRAINT fk_timesheets_employee FOREIGN KEY (employee_id)
    REFERENCES employees (id) ON DELETE RESTRICT,
  CONSTRAINT fk_timesheets_approved_by FOREIGN KEY (approved_by)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_timesheets_week CHECK (WEEKDAY(week_starts_on) = 0),
  CONSTRAINT ck_timesheets_approved CHECK (status <> 'approved' OR approved_at IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Weekly timesheets';

CREATE TABLE timesheet_lines (
  timesheet_id BIGINT UNSIGNED NOT NULL,
  line_number  SMALLINT UNSIGNED NOT NULL,
  project_id   INT UNSIGNED NULL
               COMMENT 'NULL: work for no project',
  worked_on    DATE NOT NULL,
  hours        DECIMAL(4,2) NOT NULL,
  note         VARCHAR(500) NULL,
  PRIMARY KEY (timesheet_id, line_number),
  KEY ix_timesheet_lines_project (project_id, worked_on),
  CONSTRAINT fk_timesheet_lines_timesheet FOREIGN KEY (timesheet_id)
    REFERENCES timesheets (id) ON DELETE CASCADE,
  CONSTRAINT fk_timesheet_lines_project FOREIGN KEY (project_id)
    REFERENCES projects (id) ON DELETE RESTRICT,
  CONSTRAINT ck_timesheet_lines_hours CHECK (hours > 0 AND hours <= 24)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Hours on a timesheet';

-- Approved hours per project and week.
CREATE SQL SECURITY INVOKER VIEW approved_project_hours AS
SELECT
  l.project_id     AS project_id,
  s.week_starts_on AS week_starts_on,
  SUM(l.hours)     AS hours
FROM timesheets AS s
JOIN timesheet_lines AS l ON l.timesheet_id = s.id
WHERE s.status = 'approved'
GROUP BY l.project_id, s.week_starts_on;
