-- landlord:description: Primaries: which internal election decides who stands in which constituency
-- landlord:requires: election_features

CREATE TABLE primary_elections (
  office_id       INT UNSIGNED NOT NULL
                  COMMENT 'What the members vote on',
  campaign_id     INT UNSIGNED NOT NULL,
  constituency_id INT UNSIGNED NOT NULL,
  decided_at      DATETIME(6) NULL
                  COMMENT 'UTC; NULL: the result has not been adopted yet',
  PRIMARY KEY (office_id),
  UNIQUE KEY uq_primary_elections_place (campaign_id, constituency_id),
  CONSTRAINT fk_primary_elections_office FOREIGN KEY (office_id)
    REFERENCES election_offices (id) ON DELETE CASCADE,
  CONSTRAINT fk_primary_elections_place FOREIGN KEY (campaign_id, constituency_id)
    REFERENCES campaign_constituencies (campaign_id, constituency_id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Internal elections that choose candidates';

-- First choices of each primary whose election is closed.
CREATE SQL SECURITY INVOKER VIEW primary_election_results AS
SELECT
  pe.campaign_id     AS campaign_id,
  pe.constituency_id AS constituency_id,
  c.user_id          AS user_id,
  COUNT(v.ballot_id) AS first_choices
FROM primary_elections AS pe
JOIN election_offices AS o ON o.id = pe.office_id
JOIN elections AS e ON e.id = o.election_id AND e.status = 'closed'
JOIN election_candidates AS c ON c.office_id = o.id AND c.status = 'accepted'
LEFT JOIN election_votes AS v ON v.office_id = c.office_id AND v.candidate_id = c.id AND v.preference = 1
GROUP BY pe.campaign_id, pe.constituency_id, c.user_id;
