-- landlord:description: Double-entry bookkeeping: chart of accounts, journal with entries, budgets and balances

CREATE TABLE financial_accounts (
  id           INT UNSIGNED NOT NULL AUTO_INCREMENT,
  parent_id    INT UNSIGNED NULL
               COMMENT 'NULL: an account at the top of the chart',
  code         VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
               COMMENT 'Number in the chart of accounts',
  name         VARCHAR(200) NOT NULL,
  account_type ENUM('asset','liability','equity','income','expense') NOT NULL,
  currency     CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
               COMMENT 'ISO 4217; every entry of the account is in it',
  is_open      TINYINT(1) NOT NULL DEFAULT 1
               COMMENT '0: keeps its history and takes no new entries',
  created_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_financial_accounts_code (code),
  UNIQUE KEY uq_financial_accounts_currency (id, currency)
    COMMENT 'What financial_entries refers to',
  KEY ix_financial_accounts_parent (parent_id),
  CONSTRAINT fk_financial_accounts_parent FOREIGN KEY (parent_id)
    REFERENCES financial_accounts (id) ON DELETE RESTRICT,
  CONSTRAINT ck_financial_accounts_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Chart of accounts';

CREATE TABLE financial_transactions (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  booked_on   DATE NOT NULL
              COMMENT 'Date in the books',
  reference   VARCHAR(64) NULL
              COMMENT 'Number of the voucher or invoice',
  description VARCHAR(500) NOT NULL,
  status      ENUM('draft','posted','reversed') NOT NULL DEFAULT 'draft'
              COMMENT 'What is posted is reversed, never changed or deleted',
  reverses_id BIGINT UNSIGNED NULL
              COMMENT 'The transaction that this one takes back',
  created_by  BIGINT UNSIGNED NULL,
  posted_at   DATETIME(6) NULL,
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_financial_transactions_reverses (reverses_id),
  KEY ix_financial_transactions_booked (booked_on),
  KEY ix_financial_transactions_status (status, booked_on),
  KEY ix_financial_transactions_reference (reference),
  KEY ix_financial_transactions_created_by (created_by),
  CONSTRAINT fk_financial_transactions_reverses FOREIGN KEY (reverses_id)
    REFERENCES financial_transactions (id) ON DELETE RESTRICT,
  CONSTRAINT fk_financial_transactions_created_by FOREIGN KEY (created_by)
    REFERENCES users (id) ON DELETE SET NULL,
  CONSTRAINT ck_financial_transactions_posted CHECK (status = 'draft' OR posted_at IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Journal: the heads of the bookings';

CREATE TABLE financial_entries (
  transaction_id BIGINT UNSIGNED NOT NULL,
  line_number    SMALLINT UNSIGNED NOT NULL,
  account_id     INT UNSIGNED NOT NULL,
  amount         DECIMAL(19,4) NOT NULL
                 COMMENT 'Debit positive, credit negative; the lines of a transaction add up to 0 per currency',
  currency       CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                 COMMENT 'Of the account: the foreign key makes sure of it',
  memo           VARCHAR(200) NULL,
  PRIMARY KEY (transaction_id, line_number),
  KEY ix_financial_entries_account (account_id, currency),
  CONSTRAINT fk_financial_entries_transaction FOREIGN KEY (transaction_id)
    REFERENCES financial_transactions (id) ON DELETE CASCADE,
  CONSTRAINT fk_financial_entries_account FOREIGN KEY (account_id, currency)
    REFERENCES financial_accounts (id, currency) ON DELETE RESTRICT,
  CONSTRAINT ck_financial_entries_amount CHECK (amount <> 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Journal: the lines of the bookings';

CREATE TABLE financial_budgets (
  id                     INT UNSIGNED NOT NULL AUTO_INCREMENT,
  account_id             INT UNSIGNED NOT NULL,
  organizational_unit_id INT UNSIGNED NULL
                         COMMENT 'NULL: for the whole organization',
  starts_on              DATE NOT NULL,
  ends_on                DATE NOT NULL,
  amount                 DECIMAL(19,4) NOT NULL
                         COMMENT 'In the currency of the account',
  created_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at             DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_financial_budgets_period (account_id, organizational_unit_id, starts_on),
  KEY ix_financial_budgets_unit (organizational_unit_id, starts_on),
  CONSTRAINT fk_financial_budgets_account FOREIGN KEY (account_id)
    REFERENCES financial_accounts (id) ON DELETE RESTRICT,
  CONSTRAINT fk_financial_budgets_unit FOREIGN KEY (organizational_unit_id)
    REFERENCES organizational_units (id) ON DELETE RESTRICT,
  CONSTRAINT ck_financial_budgets_period CHECK (ends_on >= starts_on),
  CONSTRAINT ck_financial_budgets_amount CHECK (amount >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Planned amounts per account and period';

-- What stands on each account. Reversed transactions and their reversals both
-- count: together they are 0.
CREATE SQL SECURITY INVOKER VIEW financial_account_balances AS
SELECT
  a.id           AS account_id,
  a.code         AS account_code,
  a.account_type AS account_type,
  a.currency     AS currency,
  COALESCE(SUM(CASE WHEN t.status IN ('posted', 'reversed') THEN e.amount END), 0) AS balance
FROM financial_accounts AS a
LEFT JOIN financial_entries AS e ON e.account_id = a.id
LEFT JOIN financial_transactions AS t ON t.id = e.transaction_id
GROUP BY a.id, a.code, a.account_type, a.currency;
