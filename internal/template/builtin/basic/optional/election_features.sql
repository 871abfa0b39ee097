-- landlord:description: Elections by secret ballot: offices, candidates, the electoral roll, ballots and results

CREATE TABLE elections (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  organizational_unit_id INT UNSIGNED NULL
                         COMMENT 'NULL: the whole organization votes',
  title                  VARCHAR(200) NOT NULL,
  description            TEXT NULL,
  method                 ENUM('plurality','approval','ranked') NOT NULL DEFAULT 'plurality',
  status                 ENUM('draft','nomination','voting','closed','cancelled') NOT NULL DEFAULT 'draft',
  opens_at               DATETIME(6) NOT NULL,
  closes_at              DATETIME(6) NOT NULL,
  created_by             BIGINT UNSIGNED NULL,
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_elections_unit (organizational_unit_id, opens_at),
  KEY ix_elections_status (status, opens_at),
  KEY ix_elections_created_by (created_by),
  CONSTRAINT fk_elections_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  CONSTRAINT fk_elections_created_by FOREIGN KEY (created_by)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_elections_period CHECK (closes_at > opens_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Elections';

CREATE TABLE election_offices (
  id          INT UNSIGNED NOT NULL AUTO_INCREMENT,
  election_id INT UNSIGNED NOT NULL,
  title       VARCHAR(200) NOT NULL,
  seats       SMALLINT UNSIGNED NOT NULL DEFAULT 1,
  sort_order  INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY uq_election_offices_title (election_id, title),
  CONSTRAINT fk_election_offices_election FOREIGN KEY (election_id)
    REFERENCES elections (id) ON DELETE CASCADE,
  CONSTRAINT ck_election_offices_seats CHECK (seats >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='What is voted on in an election: one office each';

CREATE TABLE election_candidates (
  id           INT UNSIGNED NOT NULL AUTO_INCREMENT,
  office_id    INT UNSIGNED NOT NULL,
  user_id      BIGINT UNSIGNED NOT NULL,
  statement    TEXT NULL,
  status       ENUM('nominated','accepted','withdrawn') NOT NULL DEFAULT 'nominated',
  nominated_by BIGINT UNSIGNED NULL,
  created_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_election_candidates_user (office_id, user_id),
  UNIQUE KEY uq_election_candidates_office (office_id, id)
    COMMENT 'What election_votes refers to',
  KEY ix_election_candidates_user (user_id),
  KEY ix_election_candidates_nominated_by (nominated_by),
  CONSTRAINT fk_election_candidates_office FOREIGN KEY (office_id)
    REFERENCES election_offices (id) ON DELETE CASCADE,
  -- Results stay complete: somebody who ran is deactivated, not deleted.
  CONSTRAINT fk_election_candidates_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT fk_election_candidates_nominated_by FOREIGN KEY (nominated_by)
    REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who runs for an office';

CREATE TABLE election_voters (
  election_id INT UNSIGNED NOT NULL,
  user_id     BIGINT UNSIGNED NOT NULL,
  voted_at    DATETIME(6) NULL
              COMMENT 'NULL: has not voted yet',
  PRIMARY KEY (election_id, user_id),
  KEY ix_election_voters_user (user_id),
  CONSTRAINT fk_election_voters_election FOREIGN KEY (election_id)
    REFERENCES elections (id) ON DELETE CASCADE,
  CONSTRAINT fk_election_voters_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Electoral roll: who may vote and who has, never how';

-- The secret of the ballot: no voter, no time, and a random key, so that
-- neither a column nor the order of the rows leads from a ballot to a person.
CREATE TABLE election_ballots (
  id        BINARY(16) NOT NULL
            COMMENT 'Random bytes, not a time-ordered UUID',
  office_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_election_ballots_office (office_id, id)
    COMMENT 'What election_votes refers to',
  CONSTRAINT fk_election_ballots_office FOREIGN KEY (office_id)
    REFERENCES election_offices (id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Ballots that were cast, without any trace of the voter';

CREATE TABLE election_votes (
  ballot_id    BINARY(16) NOT NULL,
  candidate_id INT UNSIGNED NOT NULL,
  office_id    INT UNSIGNED NOT NULL
               COMMENT 'Of both ballot and candidate: the two foreign keys make sure of it',
  preference   SMALLINT UNSIGNED NOT NULL DEFAULT 1
               COMMENT 'Ranked elections: 1 for the first choice; else always 1',
  PRIMARY KEY (ballot_id, candidate_id),
  KEY ix_election_votes_ballot (office_id, ballot_id),
  KEY ix_election_votes_candidate (office_id, candidate_id, preference),
  CONSTRAINT fk_election_votes_ballot FOREIGN KEY (office_id, ballot_id)
    REFERENCES election_ballots (office_id, id) ON DELETE CASCADE,
  CONSTRAINT fk_election_votes_candidate FOREIGN KEY (office_id, candidate_id)
    REFERENCES election_candidates (office_id, id) ON DELETE RESTRICT,
  CONSTRAINT ck_election_votes_preference CHECK (preference >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Choices on a ballot';

-- First choices per candidate; empty while people still vote.
CREATE SQL SECURITY INVOKER VIEW election_results AS
SELECT
  e.id                 AS election_id,
  o.id                 AS office_id,
  c.id                 AS candidate_id,
  c.user_id            AS user_id,
  o.seats              AS seats,
  COUNT(v.ballot_id)   AS first_choices
FROM elections AS e
JOIN election_offices AS o ON o.election_id = e.id
JOIN election_candidates AS c ON c.office_id = o.id AND c.status = 'accepted'
LEFT JOIN election_votes AS v ON v.office_id = c.office_id AND v.candidate_id = c.id AND v.preference = 1
WHERE e.status = 'closed'
GROUP BY e.id, o.id, c.id, c.user_id, o.seats;
