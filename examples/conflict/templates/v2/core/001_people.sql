CREATE TABLE people (
  id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  full_name VARCHAR(200)    NOT NULL,
  phone     VARCHAR(40)     NULL COMMENT 'E.164',
  PRIMARY KEY (id)
) COMMENT = 'whom the platform''s customer knows';
