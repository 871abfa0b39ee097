-- Campaigns, the people who run them, their events and what they spend.

CREATE TABLE campaigns (
  id              INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code            VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name            VARCHAR(200) NOT NULL,
  campaign_type   ENUM('election','referendum','membership','fundraising','issue') NOT NULL,
  status          ENUM('planned','running','finished','cancelled') NOT NULL DEFAULT 'planned',
  manager_user_id BIGINT UNSIGNED NULL,
  starts_on       DATE NOT NULL,
  ends_on         DATE NULL,
  election_day    DATE NULL
                  COMMENT 'Of election and referendum campaigns',
  budget_amount   DECIMAL(19,4) NULL
                  COMMENT 'NULL: no budget set',
  currency        CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                  COMMENT 'ISO 4217, of budget and expenses',
  created_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_campaigns_code (code),
  KEY ix_campaigns_status (status, starts_on),
  KEY ix_campaigns_manager (manager_user_id),
  CONSTRAINT fk_campaigns_manager FOREIGN KEY (manager_user_id)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_campaigns_period CHECK (ends_on >= starts_on),
  CONSTRAINT ck_campaigns_budget CHECK (budget_amount >= 0),
  CONSTRAINT ck_campaigns_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Campaigns';

CREATE TABLE campaign_constituencies (
  campaign_id       INT UNSIGNED NOT NULL,
  constituency_id   INT UNSIGNED NOT NULL,
  candidate_user_id BIGINT UNSIGNED NULL
                    COMMENT 'Who stands here for the party; NULL: nobody, or no election',
  target_votes      INT UNSIGNED NULL,
  PRIMARY KEY (campaign_id, constituency_id),
  KEY ix_campaign_constituencies_constituency (constituency_id),
  KEY ix_campaign_constituencies_candidate (candidate_user_id),
  CONSTRAINT fk_campaign_constituencies_campaign FOREIGN KEY (campaign_id)
    REFERENCES campaigns (id) ON DELETE CASCADE,
  CONSTRAINT fk_campaign_constituencies_constituency FOREIGN KEY (constituency_id)
    REFERENCES constituencies (id) ON DELETE RESTRICT,
  CONSTRAINT fk_campaign_constituencies_candidate FOREIGN KEY (candidate_user_id)
    REFERENCES users (id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Where a campaign runs, and who stands there';

CREATE TABLE campaign_team_members (
  campaign_id INT UNSIGNED NOT NULL,
  user_id     BIGINT UNSIGNED NOT NULL,
  team_role   VARCHAR(100) NOT NULL
              COMMENT 'For example press, finance or volunteer',
  joined_on   DATE NOT NULL,
  PRIMARY KEY (campaign_id, user_id),
  KEY ix_campaign_team_members_user (user_id),
  CONSTRAINT fk_campaign_team_members_campaign FOREIGN KEY (campaign_id)
    REFERENCES campaigns (id) ON DELETE CASCADE,
  CONSTRAINT fk_campaign_team_members_user FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Who works for a campaign';

CREATE TABLE campaign_events (
  id              INT UNSIGNED NOT NULL AUTO_INCREMENT,
  campaign_id     INT UNSIGNED NOT NULL,
  constituency_id INT UNSIGNED NULL
                  COMMENT 'NULL: online or nationwide',
  title           VARCHAR(200) NOT NULL,
  event_type      ENUM('rally','canvassing','debate','stand','fundraiser','other') NOT NULL,
  status          ENUM('planned','held','cancelled') NOT NULL DEFAULT 'planned',
  starts_at       DATETIME(6) NOT NULL
                  COMMENT 'UTC',
  ends_at         DATETIME(6) NULL
                  COMMENT 'UTC',
  location        VARCHAR(300) NULL,
  created_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_campaign_events_campaign (campaign_id, starts_at),
  KEY ix_campaign_events_constituency (constituency_id, starts_at),
  KEY ix_campaign_events_calendar (status, starts_at),
  CONSTRAINT fk_campaign_events_campaign FOREIGN KEY (campaign_id)
    REFERENCES campaigns (id) ON DELETE CASCADE,
  CONSTRAINT fk_campaign_events_constituency FOREIGN KEY (constituency_id)
    REFERENCES constituencies (id) ON DELETE RESTRICT,
  CONSTRAINT ck_campaign_events_period CHECK (ends_at > starts_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Rallies, canvassing and other events';

CREATE TABLE campaign_expenses (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  campaign_id INT UNSIGNED NOT NULL,
  category    VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
              COMMENT 'As the electoral authority wants it reported',
  payee       VARCHAR(200) NOT NULL,
  spent_on    DATE NOT NULL,
  amount      DECIMAL(19,4) NOT NULL
              COMMENT 'In the currency of the campaign',
  reference   VARCHAR(100) NULL
              COMMENT 'Number of the invoice',
  approved_by BIGINT UNSIGNED NULL
              COMMENT 'NULL: not approved yet',
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_campaign_expenses_campaign (campaign_id, spent_on),
  KEY ix_campaign_expenses_category (category, spent_on),
  KEY ix_campaign_expenses_approved_by (approved_by),
  -- Expenses are reported by law: a campaign that spent money stays.
  CONSTRAINT fk_campaign_expenses_campaign FOREIGN KEY (campaign_id)
    REFERENCES campaigns (id) ON DELETE RESTRICT,
  CONSTRAINT fk_campaign_expenses_approved_by FOREIGN KEY (approved_by)
    REFERENCES users (id) ON DELETE RESTRICT,
  CONSTRAINT ck_campaign_expenses_amount CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='What campaigns spend';

-- Budget against expenses of each campaign.
CREATE SQL SECURITY INVOKER VIEW campaign_spending AS
SELECT
  c.id                       AS campaign_id,
  c.code                     AS campaign_code,
  c.currency                 AS currency,
  c.budget_amount            AS budget_amount,
  COALESCE(SUM(x.amount), 0) AS spent_amount,
  c.budget_amount - COALESCE(SUM(x.amount), 0) AS remaining_amount
FROM campaigns AS c
LEFT JOIN campaign_expenses AS x ON x.campaign_id = c.id
GROUP BY c.id, c.code, c.currency, c.budget_amount;
