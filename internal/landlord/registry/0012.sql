-- Version 12 of the landlord database: what people ask of a rollout that runs, and
-- notifications that are to be sent.

CREATE TABLE IF NOT EXISTS rollout_wishes (
  rollout_id BIGINT UNSIGNED NOT NULL,
  wish VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pause, abort or rollback',
  author VARCHAR(190) NOT NULL DEFAULT '',
  asked_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (rollout_id)
) ENGINE=InnoDB COMMENT='what somebody asks of the apply that runs a rollout';

CREATE TABLE IF NOT EXISTS notification_outbox (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  notification VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'name in the configuration, which has the address and the secret',
  idempotency_key CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  message JSON NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  next_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'not before; while it is being sent, when another run may try',
  failure VARCHAR(500) NULL COMMENT 'of the last attempt',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  sent_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ux_notification_outbox_key (notification, idempotency_key),
  KEY ix_notification_outbox_due (sent_at, next_at)
) ENGINE=InnoDB COMMENT='notifications, until they are sent and for some time after';
