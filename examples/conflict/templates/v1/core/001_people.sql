CREATE TABLE people (
  id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  full_name VARCHAR(200)    NOT NULL,
  fax       VARCHAR(30)     NULL,
  PRIMARY KEY (id)
) COMMENT = 'whom the platform''s customer knows';
