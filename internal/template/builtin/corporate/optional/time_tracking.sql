-- landlord:description: Working time by the clock: when employees start and stop, and on which project
-- landlord:conflicts: timesheets

CREATE TABLE time_entries (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  employee_id   BIGINT UNSIGNED NOT NULL,
  project_id    INT UNSIGNED NULL
                COMMENT 'NULL: work for no project',
  started_at    DATETIME(6) NOT NULL
                COMMENT 'UTC',
  stopped_at    DATETIME(6) NULL
                COMMENT 'UTC; NULL: the clock is running',
  break_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  note          VARCHAR(500) NULL,
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_time_entries_start (employee_id, started_at),
  KEY ix_time_entries_project (project_id, started_at),
  KEY ix_time_entries_running (stopped_at),
  CONSTRAINT fk_time_entries_employee FOREIGN KEY (employee_id)
    REFERENCES employees (id) ON DELETE RESTRICT,
  CONSTRAINT fk_time_entries_project FOREIGN KEY (project_id)
    REFERENCES projects (id) ON DELETE RESTRICT,
  CONSTRAINT ck_time_entries_period CHECK (stopped_at > started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Working time by the clock';

-- Minutes worked per employee, project and day (UTC).
CREATE SQL SECURITY INVOKER VIEW daily_working_time AS
SELECT
  t.employee_id      AS employee_id,
  t.project_id       AS project_id,
  DATE(t.started_at) AS worked_on,
  SUM(CAST(TIMESTAMPDIFF(MINUTE, t.started_at, t.stopped_at) AS SIGNED) - CAST(t.break_minutes AS SIGNED)) AS worked_minutes
FROM time_entries AS t
WHERE t.stopped_at IS NOT NULL
GROUP BY t.employee_id, t.project_id, DATE(t.started_at);
