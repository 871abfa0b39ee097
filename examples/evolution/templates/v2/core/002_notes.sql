CREATE TABLE notes (
  id        BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  person_id BIGINT UNSIGNED NOT NULL,
  body      TEXT            NOT NULL,
  PRIMARY KEY (id),
  KEY ix_notes_person (person_id),
  CONSTRAINT fk_notes_person FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE
) COMMENT = 'what was said';

CREATE VIEW people_with_notes AS
SELECT p.id, p.display_name, COUNT(*) AS notes
FROM people AS p
JOIN notes AS n ON n.person_id = p.id
GROUP BY p.id, p.display_name;
