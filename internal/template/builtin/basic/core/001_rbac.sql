-- Who may do what: users get roles, roles hold permissions.
--
-- All times are UTC. The application opens its sessions with
-- time_zone = '+00:00', so that CURRENT_TIMESTAMP is UTC as well.

CREATE TABLE roles (
  id          INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code        VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
              COMMENT 'Stable name that program code refers to',
  name        VARCHAR(100) NOT NULL,
  description VARCHAR(500) NULL,
  is_system   TINYINT(1) NOT NULL DEFAULT 0
              COMMENT 'Comes with the template: must not be deleted or renamed',
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_roles_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Named sets of permissions';

CREATE TABLE permissions (
  id          INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code        VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
              COMMENT 'Area and action, for example users.manage',
  description VARCHAR(500) NULL,
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_permissions_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Single actions that can be allowed';

CREATE TABLE role_permissions (
  role_id       INT UNSIGNED NOT NULL,
  permission_id INT UNSIGNED NOT NULL,
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (role_id, permission_id),
  KEY ix_role_permissions_permission (permission_id),
  CONSTRAINT fk_role_permissions_role FOREIGN KEY (role_id)
    REFERENCES roles (id) ON DELETE CASCADE,
  CONSTRAINT fk_role_permissions_permission FOREIGN KEY (permission_id)
    REFERENCES permissions (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Which role holds which permission';

CREATE TABLE users (
  id                BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  email             VARCHAR(254) NOT NULL
                    COMMENT 'Unique without regard to case',
  display_name      VARCHAR(200) NOT NULL,
  password_hash     VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL
                    COMMENT 'PHC string, for example of argon2id; NULL: signs in elsewhere',
  identity_subject  VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL
                    COMMENT 'Subject at the identity provider; NULL: signs in with a password',
  status            ENUM('invited','active','suspended','deactivated') NOT NULL DEFAULT 'invited'
                    COMMENT 'People who leave are deactivated, so that what they did keeps its author',
  locale            VARCHAR(35) CHARACTER SET ascii COLLATE ascii_general_ci NULL
                    COMMENT 'BCP 47 tag; NULL: the tenant default',
  time_zone         VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci NULL
                    COMMENT 'IANA name, for display only; NULL: the tenant default',
  email_verified_at DATETIME(6) NULL,
  last_login_at     DATETIME(6) NULL,
  locked_until      DATETIME(6) NULL
                    COMMENT 'Set after too many failed logins',
  created_at        DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at        DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_users_email (email),
  UNIQUE KEY uq_users_identity_subject (identity_subject),
  KEY ix_users_status_display_name (status, display_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='People who can sign in';

CREATE TABLE user_roles (
  user_id    BIGINT UNSIGNED NOT NULL,
  role_id    INT UNSIGNED NOT NULL,
  granted_by BIGINT UNSIGNED NULL
             COMMENT 'NULL: granted by the system, or by a user who is gone',
  granted_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NULL
             COMMENT 'NULL: until revoked',
  PRIMARY KEY (user_id, role_id),
  KEY ix_user_roles_role (role_id, user_id),
  KEY ix_user_roles_granted_by (granted_by),
  CONSTRAINT fk_user_roles_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE,
  -- A role that somebody has cannot be deleted by accident.
  CONSTRAINT fk_user_roles_role FOREIGN KEY (role_id)
    REFERENCES roles (id) ON DELETE RESTRICT,
  CONSTRAINT fk_user_roles_granted_by FOREIGN KEY (granted_by)
    REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Which user has which role';

-- What a person may do right now. Ask it with user_id and permission_code.
CREATE SQL SECURITY INVOKER VIEW user_permissions AS
SELECT DISTINCT
  ur.user_id AS user_id,
  p.code     AS permission_code
FROM user_roles AS ur
JOIN users AS u ON u.id = ur.user_id
JOIN role_permissions AS rp ON rp.role_id = ur.role_id
JOIN permissions AS p ON p.id = rp.permission_id
WHERE u.status = 'active'
  AND (ur.expires_at IS NULL OR ur.expires_at > UTC_TIMESTAMP(6));
