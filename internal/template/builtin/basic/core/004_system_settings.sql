-- Settings of the tenant. Secrets do not belong here.

CREATE TABLE system_settings (
  setting_key   VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                COMMENT 'Area and name, for example locale.default',
  setting_value JSON NOT NULL
                COMMENT 'A JSON scalar or document, for example "en" or 30',
  description   VARCHAR(500) NULL,
  is_public     TINYINT(1) NOT NULL DEFAULT 0
                COMMENT 'May be sent to people who are not signed in',
  updated_by    BIGINT UNSIGNED NULL
                COMMENT 'NULL: the value that came with the template',
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (setting_key),
  KEY ix_system_settings_updated_by (updated_by),
  CONSTRAINT fk_system_settings_updated_by FOREIGN KEY (updated_by)
    REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Settings of the tenant by key';
