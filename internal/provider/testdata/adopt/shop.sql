-- A small program of our own, for a checkout without the shared cases.
CREATE TABLE users (
  id        INT          NOT NULL AUTO_INCREMENT,
  name      VARCHAR(255) DEFAULT NULL,
  role      VARCHAR(25)  NOT NULL DEFAULT 'app-user',
  is_active TINYINT      DEFAULT 1,
  filter    MEDIUMTEXT,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE tasks (
  id        INT          NOT NULL AUTO_INCREMENT,
  user_id   INT          NOT NULL,
  is_active TINYINT      DEFAULT 1,
  reference VARCHAR(191) DEFAULT NULL,
  PRIMARY KEY (id),
  KEY idx_task_active (is_active),
  KEY tasks_reference_idx (reference),
  CONSTRAINT tasks_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE invites (
  email VARCHAR(191) NOT NULL,
  token VARCHAR(191) NOT NULL,
  PRIMARY KEY (email, token)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
