-- Where elections are decided: constituencies within constituencies.

CREATE TABLE constituencies (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  parent_id              INT UNSIGNED NULL
                         COMMENT 'NULL: the whole country',
  code                   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                         COMMENT 'Number or code of the electoral authority',
  name                   VARCHAR(200) NOT NULL,
  constituency_level     ENUM('national','regional','district','municipal','ward') NOT NULL,
  seats                  SMALLINT UNSIGNED NOT NULL DEFAULT 1
                         COMMENT 'Mandates that are decided here; 0: none of its own',
  registered_voters      INT UNSIGNED NULL
                         COMMENT 'NULL: not known',
  registered_voters_on   DATE NULL
                         COMMENT 'Day that the number of voters is from',
  organizational_unit_id INT UNSIGNED NULL
                         COMMENT 'Unit of the party that is responsible',
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_constituencies_code (code),
  KEY ix_constituencies_parent (parent_id, name),
  KEY ix_constituencies_level (constituency_level, name),
  KEY ix_constituencies_unit (organizational_unit_id),
  CONSTRAINT fk_constituencies_parent FOREIGN KEY (parent_id)
    REFERENCES constituencies (id) ON DELETE RESTRICT,
  CONSTRAINT fk_constituencies_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Constituencies';
