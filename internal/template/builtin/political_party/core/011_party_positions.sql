-- Positions in the party and who has held them. Nothing is overwritten: who
-- leaves a position gets a last day.

-- Since when somebody belongs to the party: many statutes ask for a minimum
-- before a position can be held.
ALTER TABLE users
  ADD COLUMN party_member_since DATE NULL
    COMMENT 'NULL: no party member',
  ADD KEY ix_users_party_member_since (party_member_since);

CREATE TABLE party_positions (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  organizational_unit_id INT UNSIGNED NULL
                         COMMENT 'NULL: of the party as a whole',
  constituency_id        INT UNSIGNED NULL
                         COMMENT 'For positions that are about one constituency',
  code                   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title                  VARCHAR(200) NOT NULL,
  seats                  SMALLINT UNSIGNED NOT NULL DEFAULT 1
                         COMMENT 'How many people hold it at a time',
  term_months            SMALLINT UNSIGNED NULL
                         COMMENT 'NULL: without a fixed term',
  is_elected             TINYINT(1) NOT NULL DEFAULT 1
                         COMMENT '0: appointed',
  is_active              TINYINT(1) NOT NULL DEFAULT 1,
  sort_order             INT NOT NULL DEFAULT 0,
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_party_positions_code (code),
  KEY ix_party_positions_unit (organizational_unit_id, sort_order),
  KEY ix_party_positions_constituency (constituency_id),
  CONSTRAINT fk_party_positions_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  CONSTRAINT fk_party_positions_constituency FOREIGN KEY (constituency_id)
    REFERENCES constituencies (id) ON DELETE RESTRICT,
  CONSTRAINT ck_party_positions_seats CHECK (seats >= 1),
  CONSTRAINT ck_party_positions_term CHECK (term_months >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Positions in the party';

CREATE TABLE party_position_holders (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  position_id INT UNSIGNED NOT NULL,
  user_id     BIGINT UNSIGNED NOT NULL,
  starts_on   DATE NOT NULL,
  ends_on     DATE NULL
              COMMENT 'Last day; NULL: still in office',
  end_reason  ENUM('term_ended','resigned','removed','died') NULL,
  is_acting   TINYINT(1) NOT NULL DEFAULT 0
              COMMENT '1: stands in until somebody is elected',
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_party_position_holders_start (position_id, user_id, starts_on),
  KEY ix_party_position_holders_time (position_id, ends_on),
  KEY ix_party_position_holders_user (user_id, starts_on),
  CONSTRAINT fk_party_position_holders_position FOREIGN KEY (position_id)
    REFERENCES party_positions (id) ON DELETE RESTRICT,
  CONSTRAINT fk_party_position_holders_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_party_position_holders_period CHECK (ends_on >= starts_on),
  CONSTRAINT ck_party_position_holders_reason CHECK (end_reason IS NULL OR ends_on IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who has held which position, and when';

-- Who is in office today (UTC); a position that nobody holds has a row with
-- user_id NULL.
CREATE SQL SECURITY INVOKER VIEW current_party_positions AS
SELECT
  p.id                     AS position_id,
  p.code                   AS position_code,
  p.title                  AS title,
  p.organizational_unit_id AS organizational_unit_id,
  h.user_id                AS user_id,
  h.starts_on              AS starts_on,
  h.is_acting              AS is_acting
FROM party_positions AS p
LEFT JOIN party_position_holders AS h
  ON h.position_id = p.id
  AND h.starts_on <= UTC_DATE()
  AND (h.ends_on IS NULL OR h.ends_on >= UTC_DATE())
WHERE p.is_active = 1;
