-- What was done, by whom, to what. Rows are only ever inserted.

CREATE TABLE audit_logs (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  occurred_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  actor_user_id BIGINT UNSIGNED NULL
                COMMENT 'NULL: the system, or a user who was erased',
  actor_label   VARCHAR(254) NULL
                COMMENT 'Name of the actor at that time, kept when the user is erased',
  action        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                COMMENT 'Area and action, for example users.update',
  entity_type   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
                COMMENT 'Table of the row that was touched',
  entity_id     VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
                COMMENT 'Its primary key, parts separated by a slash',
  changes       JSON NULL
                COMMENT 'Object: column to its values before and after; no secrets',
  ip_address    VARBINARY(16) NULL
                COMMENT 'As INET6_ATON returns it',
  user_agent    VARCHAR(512) NULL,
  request_id    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL
                COMMENT 'Groups what one request did',
  PRIMARY KEY (id),
  KEY ix_audit_logs_occurred (occurred_at),
  KEY ix_audit_logs_actor (actor_user_id, occurred_at),
  KEY ix_audit_logs_entity (entity_type, entity_id, occurred_at),
  KEY ix_audit_logs_action (action, occurred_at),
  KEY ix_audit_logs_request (request_id),
  -- The log outlives its actors; actor_label keeps who it was.
  CONSTRAINT fk_audit_logs_actor FOREIGN KEY (actor_user_id)
    REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Log of actions, append only';
