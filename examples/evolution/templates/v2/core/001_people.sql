CREATE TABLE people (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  display_name VARCHAR(200)    NOT NULL,
  email        VARCHAR(190)    NULL COMMENT 'unique where known',
  created_at   DATETIME(6)     NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'UTC',
  PRIMARY KEY (id),
  UNIQUE KEY uq_people_email (email)
) COMMENT = 'whom the platform''s customer knows';
