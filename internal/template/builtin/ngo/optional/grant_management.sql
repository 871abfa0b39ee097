-- landlord:description: Grants from institutions: applications, installments and reports, booked to accounts
-- landlord:requires: financial_features

CREATE TABLE grants (
  id                  INT UNSIGNED NOT NULL AUTO_INCREMENT,
  grantor_name        VARCHAR(200) NOT NULL,
  title               VARCHAR(200) NOT NULL,
  reference           VARCHAR(100) NULL
                      COMMENT 'Number that the grantor uses',
  status              ENUM('draft','submitted','awarded','rejected','completed') NOT NULL DEFAULT 'draft',
  requested_amount    DECIMAL(19,4) NOT NULL,
  awarded_amount      DECIMAL(19,4) NULL
                      COMMENT 'NULL: not decided yet',
  currency            CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                      COMMENT 'ISO 4217',
  income_account_id   INT UNSIGNED NULL
                      COMMENT 'Where installments are booked',
  starts_on           DATE NULL,
  ends_on             DATE NULL,
  responsible_user_id BIGINT UNSIGNED NULL,
  created_at          DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at          DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_grants_status (status, ends_on),
  KEY ix_grants_income_account (income_account_id),
  KEY ix_grants_responsible (responsible_user_id),
  CONSTRAINT fk_grants_income_account FOREIGN KEY (income_account_id)
    REFERENCES financial_accounts (id) ON DELETE RESTRICT,
  CONSTRAINT fk_grants_responsible FOREIGN KEY (responsible_user_id)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_grants_requested CHECK (requested_amount > 0),
  CONSTRAINT ck_grants_awarded CHECK (awarded_amount >= 0),
  CONSTRAINT ck_grants_currency CHECK (currency REGEXP '^[A-Z]{3}$'),
  CONSTRAINT ck_grants_period CHECK (ends_on >= starts_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Grants applied for and awarded';

CREATE TABLE grant_installments (
  grant_id       INT UNSIGNED NOT NULL,
  number         SMALLINT UNSIGNED NOT NULL,
  due_on         DATE NOT NULL,
  amount         DECIMAL(19,4) NOT NULL
                 COMMENT 'In the currency of the grant',
  transaction_id BIGINT UNSIGNED NULL
                 COMMENT 'NULL: not received yet',
  PRIMARY KEY (grant_id, number),
  KEY ix_grant_installments_due (due_on),
  KEY ix_grant_installments_transaction (transaction_id),
  CONSTRAINT fk_grant_installments_grant FOREIGN KEY (grant_id)
    REFERENCES grants (id) ON DELETE CASCADE,
  CONSTRAINT fk_grant_installments_transaction FOREIGN KEY (transaction_id)
    REFERENCES financial_transactions (id) ON DELETE RESTRICT,
  CONSTRAINT ck_grant_installments_amount CHECK (amount > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='When parts of a grant are paid';

CREATE TABLE grant_reports (
  id           INT UNSIGNED NOT NULL AUTO_INCREMENT,
  grant_id     INT UNSIGNED NOT NULL,
  title        VARCHAR(200) NOT NULL,
  due_on       DATE NOT NULL,
  submitted_on DATE NULL
               COMMENT 'NULL: still to be written',
  PRIMARY KEY (id),
  KEY ix_grant_reports_grant (grant_id, due_on),
  KEY ix_grant_reports_open (submitted_on, due_on),
  CONSTRAINT fk_grant_reports_grant FOREIGN KEY (grant_id)
    REFERENCES grants (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Reports that grantors are owed';

-- What is still to come of each awarded grant.
CREATE SQL SECURITY INVOKER VIEW grant_balances AS
SELECT
  g.id             AS grant_id,
  g.currency       AS currency,
  g.awarded_amount AS awarded_amount,
  COALESCE(SUM(CASE WHEN i.transaction_id IS NOT NULL THEN i.amount END), 0) AS received_amount,
  COALESCE(SUM(CASE WHEN i.transaction_id IS NULL THEN i.amount END), 0)     AS outstanding_amount
FROM grants AS g
LEFT JOIN grant_installments AS i ON i.grant_id = g.id
WHERE g.status IN ('awarded', 'completed')
GROUP BY g.id, g.currency, g.awarded_amount;
