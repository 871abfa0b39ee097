CREATE TABLE people (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  full_name  VARCHAR(200)    NOT NULL,
  fax        VARCHAR(30)     NULL,
  created_at DATETIME(6)     NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
  PRIMARY KEY (id)
) COMMENT = 'whom the platform''s customer knows';
