-- Donors, what they promised, and what they gave.

CREATE TABLE donors (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  donor_type     ENUM('person','organization','anonymous') NOT NULL DEFAULT 'person',
  member_id      BIGINT UNSIGNED NULL
                 COMMENT 'NULL: no member',
  name           VARCHAR(200) NULL
                 COMMENT 'NULL only for anonymous donors',
  email          VARCHAR(254) NULL,
  postal_address VARCHAR(500) NULL
                 COMMENT 'For receipts',
  country        CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL
                 COMMENT 'ISO 3166-1 alpha-2',
  tax_number     VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NULL
                 COMMENT 'For receipts, where the law asks for it',
  may_contact    TINYINT(1) NOT NULL DEFAULT 0
                 COMMENT 'Has consented to hear from the organization',
  created_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_donors_member (member_id),
  KEY ix_donors_name (name),
  KEY ix_donors_email (email),
  CONSTRAINT fk_donors_member FOREIGN KEY (member_id)
    REFERENCES members (id) ON DELETE SET NULL,
  CONSTRAINT ck_donors_name CHECK (donor_type = 'anonymous' OR name IS NOT NULL),
  CONSTRAINT ck_donors_country CHECK (country REGEXP '^[A-Z]{2}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='People and organizations that give';

CREATE TABLE donation_funds (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code          VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name          VARCHAR(200) NOT NULL,
  description   VARCHAR(500) NULL,
  chapter_id    INT UNSIGNED NULL
                COMMENT 'NULL: for the whole organization',
  is_restricted TINYINT(1) NOT NULL DEFAULT 1
                COMMENT '1: may be spent on the purpose of the fund only',
  starts_on     DATE NULL,
  ends_on       DATE NULL
                COMMENT 'Last day on which it takes donations',
  created_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at    DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_donation_funds_code (code),
  KEY ix_donation_funds_chapter (chapter_id),
  CONSTRAINT fk_donation_funds_chapter FOREIGN KEY (chapter_id)
    REFERENCES chapters (id) ON DELETE RESTRICT,
  CONSTRAINT ck_donation_funds_period CHECK (ends_on >= starts_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Purposes that donations are given for';

CREATE TABLE donation_pledges (
  id              BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  donor_id        BIGINT UNSIGNED NOT NULL,
  fund_id         INT UNSIGNED NULL
                  COMMENT 'NULL: where it is needed most',
  amount          DECIMAL(19,4) NOT NULL
                  COMMENT 'Each time',
  currency        CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                  COMMENT 'ISO 4217',
  interval_months SMALLINT UNSIGNED NULL
                  COMMENT 'NULL: once',
  starts_on       DATE NOT NULL,
  ends_on         DATE NULL
                  COMMENT 'NULL: until cancelled',
  next_due_on     DATE NULL
                  COMMENT 'NULL: nothing is due any more',
  created_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at      DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_donation_pledges_donor (donor_id),
  KEY ix_donation_pledges_fund (fund_id),
  KEY ix_donation_pledges_due (next_due_on),
  CONSTRAINT fk_donation_pledges_donor FOREIGN KEY (donor_id)
    REFERENCES donors (id) ON DELETE RESTRICT,
  CONSTRAINT fk_donation_pledges_fund FOREIGN KEY (fund_id)
    REFERENCES donation_funds (id) ON DELETE RESTRICT,
  CONSTRAINT ck_donation_pledges_amount CHECK (amount > 0),
  CONSTRAINT ck_donation_pledges_currency CHECK (currency REGEXP '^[A-Z]{3}$'),
  CONSTRAINT ck_donation_pledges_interval CHECK (interval_months >= 1),
  CONSTRAINT ck_donation_pledges_period CHECK (ends_on >= starts_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Promised donations, once or recurring';

CREATE TABLE donations (
  id                BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  donor_id          BIGINT UNSIGNED NOT NULL,
  fund_id           INT UNSIGNED NULL
                    COMMENT 'NULL: where it is needed most',
  pledge_id         BIGINT UNSIGNED NULL
                    COMMENT 'NULL: was not promised before',
  received_on       DATE NOT NULL,
  amount            DECIMAL(19,4) NOT NULL,
  currency          CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
                    COMMENT 'ISO 4217',
  payment_method    ENUM('cash','cheque','bank_transfer','direct_debit','card','in_kind','other') NOT NULL,
  payment_reference VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL
                    COMMENT 'Of the bank or payment service; the same payment is never booked twice',
  status            ENUM('pending','received','refunded','failed') NOT NULL DEFAULT 'received',
  receipt_number    VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NULL
                    COMMENT 'NULL: no receipt issued yet',
  receipt_issued_on DATE NULL,
  note              VARCHAR(500) NULL,
  created_at        DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at        DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_donations_payment (payment_method, payment_reference),
  UNIQUE KEY uq_donations_receipt (receipt_number),
  KEY ix_donations_donor (donor_id, received_on),
  KEY ix_donations_fund (fund_id, received_on),
  KEY ix_donations_pledge (pledge_id, received_on),
  KEY ix_donations_received (received_on),
  -- Donations are accounts: donors with donations are made anonymous, not deleted.
  CONSTRAINT fk_donations_donor FOREIGN KEY (donor_id)
    REFERENCES donors (id) ON DELETE RESTRICT,
  CONSTRAINT fk_donations_fund FOREIGN KEY (fund_id)
    REFERENCES donation_funds (id) ON DELETE RESTRICT,
  CONSTRAINT fk_donations_pledge FOREIGN KEY (pledge_id)
    REFERENCES donation_pledges (id) ON DELETE RESTRICT,
  CONSTRAINT ck_donations_amount CHECK (amount > 0),
  CONSTRAINT ck_donations_currency CHECK (currency REGEXP '^[A-Z]{3}$')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
  COMMENT='Donations received';

-- What each donor gave per year and currency, for the annual receipts.
CREATE SQL SECURITY INVOKER VIEW donation_totals AS
SELECT
  d.donor_id            AS donor_id,
  YEAR(d.received_on)   AS donation_year,
  d.currency            AS currency,
  COUNT(*)              AS donations,
  SUM(d.amount)         AS total_amount
FROM donations AS d
WHERE d.status = 'received'
GROUP BY d.donor_id, YEAR(d.received_on), d.currency;
