CREATE TABLE notes (
  id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  person_id BIGINT UNSIGNED NOT NULL,
  body      TEXT            NOT NULL,
  PRIMARY KEY (id),
  KEY ix_notes_person (person_id),
  CONSTRAINT fk_notes_person FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
) COMMENT = 'what was said';
