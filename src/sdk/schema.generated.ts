// Generated from openapi.json by `npm run generate`. Do not edit.
export interface paths {
    "/tenants/{tenantId}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit a Turing Protocol command
         * @description The token needs the right of the command, such as `commands:PostEntry`.
         */
        post: operations["submitCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/commands/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit up to 1,000 commands, each decided for itself, in order
         * @description The token needs the right of the command, such as `commands:PostEntry`.
         */
        post: operations["submitCommandBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List customers
         * @description The token needs the right `queries`.
         */
        get: operations["listCustomers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/customers/{customerId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one customer
         * @description The token needs the right `queries`.
         */
        get: operations["getCustomer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List accounts, of all customers or of one
         * @description The token needs the right `queries`.
         */
        get: operations["listAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/accounts/{accountId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one account
         * @description The token needs the right `queries`.
         */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/accounts/{accountId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the events of an account, oldest first
         * @description The token needs the right `queries`.
         */
        get: operations["getAccountEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/accounts/{accountId}/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the balance of an account, now or as of the end of a day
         * @description The token needs the right `queries`.
         */
        get: operations["getAccountBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products
         * @description The token needs the right `queries`.
         */
        get: operations["listProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/entries/{entryId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one entry
         * @description The token needs the right `queries`.
         */
        get: operations["getEntry"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/trial-balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the trial balance
         * @description The token needs the right `queries`.
         */
        get: operations["getTrialBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/invariants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what the live monitor has counted for each of the five invariants, and how far it is
         * @description The token needs the right `queries`.
         */
        get: operations["getInvariants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/chains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the chains: their heads, and how far the views are
         * @description The token needs the right `queries`.
         */
        get: operations["listChains"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/chains/{chain}/lines": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the events of a chain as the exact lines that were hashed, to be verified elsewhere
         * @description The token needs the right `compliance`.
         */
        get: operations["getChainLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/digests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the signed digests, newest first
         * @description The token needs the right `queries`.
         */
        get: operations["listDigests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tenants/{tenantId}/digests/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one digest: what was signed, the signature, and the leaves under its two roots
         * @description The token needs the right `queries`.
         */
        get: operations["getDigest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        CommandEnvelope: components["schemas"]["CreateTenantCommand"] | components["schemas"]["UpsertProductCommand"] | components["schemas"]["CreateCustomerCommand"] | components["schemas"]["OpenAccountCommand"] | components["schemas"]["PostEntryCommand"];
        CreateTenantCommand: {
            /**
             * Format: uuid
             * @description Unique identifier of this command.
             * @example 7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f
             */
            commandId: string;
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantId: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            commandType: "CreateTenant";
            actor: components["schemas"]["Actor"];
            /**
             * Format: date-time
             * @description When the command was issued, in the years 1900 to 2999. Part of the hashed history.
             * @example 2025-01-01T00:00:00Z
             */
            timestamp: string;
            payload: components["schemas"]["CreateTenantPayload"];
            /** @description Key for safe retries; without it the commandId serves. Remembered per chain. */
            idempotencyKey?: string;
        };
        /** @description Who issues the command; `actorId` must be the subject of the bearer token. */
        Actor: {
            /** @enum {string} */
            actorType: "SYSTEM" | "USER" | "SERVICE";
            actorId: string;
        };
        CreateTenantPayload: {
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantCode: string;
            displayName: string;
            /** @example AU */
            region: string;
            /**
             * @description ISO 4217 currency code.
             * @example AUD
             */
            baseCurrency: string;
            /**
             * @description IANA time zone identifier.
             * @example Australia/Sydney
             */
            timeZone: string;
            regulatoryJurisdiction?: string;
            businessType?: string;
        };
        UpsertProductCommand: {
            /**
             * Format: uuid
             * @description Unique identifier of this command.
             * @example 7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f
             */
            commandId: string;
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantId: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            commandType: "UpsertProduct";
            actor: components["schemas"]["Actor"];
            /**
             * Format: date-time
             * @description When the command was issued, in the years 1900 to 2999. Part of the hashed history.
             * @example 2025-01-01T00:00:00Z
             */
            timestamp: string;
            payload: components["schemas"]["UpsertProductPayload"];
            /** @description Key for safe retries; without it the commandId serves. Remembered per chain. */
            idempotencyKey?: string;
        };
        UpsertProductPayload: {
            /** @example TXN_ACCOUNT_BASIC */
            productCode: string;
            name: string;
            /** @enum {string} */
            productType: "DEPOSIT" | "LOAN" | "TERM_DEPOSIT" | "CREDIT_CARD";
            category?: string;
            /**
             * @description A withdrawn product opens no new accounts. Default ACTIVE.
             * @enum {string}
             */
            status?: "ACTIVE" | "WITHDRAWN";
            interest: {
                /** @description Rate a year as a fraction: 0.015 is 1.5 %. The ledger refuses negative rates. */
                rate?: number;
                /** @description Rate a year as a fraction: 0.015 is 1.5 %. The ledger refuses negative rates. */
                baseRate?: number;
                /** @description Rate a year as a fraction: 0.015 is 1.5 %. The ledger refuses negative rates. */
                bonusRate?: number;
                bonusConditions?: {
                    /** @description Amount of 0 or more, with no more decimals than the currency has. */
                    minMonthlyDeposit?: number;
                    maxMonthlyWithdrawals?: number;
                };
                calculationMethod?: string;
                paymentFrequency?: string;
            };
            fees?: {
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                monthlyFee?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                atmFeeOwn?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                atmFeeOther?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                establishmentFee?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                latePaymentFee?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                earlyWithdrawalFee?: number;
            };
            constraints?: {
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                minBalance?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                maxBalance?: number | null;
                allowOverdraft?: boolean;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                overdraftLimit?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                minAmount?: number;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                maxAmount?: number | null;
                termMonthsDefault?: number;
                termMonthsOptions?: number[];
            };
            features?: string[];
            creditCriteria?: {
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                minIncome?: number;
                /** @description Largest sum of loan principals over annual income. */
                maxDtiRatio?: number;
                minCreditScore?: number;
            };
        };
        CreateCustomerCommand: {
            /**
             * Format: uuid
             * @description Unique identifier of this command.
             * @example 7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f
             */
            commandId: string;
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantId: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            commandType: "CreateCustomer";
            actor: components["schemas"]["Actor"];
            /**
             * Format: date-time
             * @description When the command was issued, in the years 1900 to 2999. Part of the hashed history.
             * @example 2025-01-01T00:00:00Z
             */
            timestamp: string;
            payload: components["schemas"]["CreateCustomerPayload"];
            /** @description Key for safe retries; without it the commandId serves. Remembered per chain. */
            idempotencyKey?: string;
        };
        CreateCustomerPayload: {
            externalRef?: string;
            person: {
                firstName: string;
                lastName: string;
                /**
                 * Format: date
                 * @description ISO 8601 date.
                 * @example 2025-01-03
                 */
                dateOfBirth: string;
                /** Format: email */
                email: string;
                /**
                 * Format: e164
                 * @description E.164 phone number.
                 * @example +61491570006
                 */
                mobile: string;
            };
            address?: {
                line1: string;
                line2?: string | null;
                suburb: string;
                state: string;
                postcode: string;
                country: string;
            };
            employment?: {
                status?: string;
                employer?: string | null;
                occupation?: string | null;
                /** @description Amount of 0 or more, with no more decimals than the currency has. */
                annualIncome?: number;
            };
            riskProfile?: {
                segment?: string;
                kycStatus?: string;
                creditScore?: number;
            };
            /** @description Free additional context, at most 4096 bytes as JSON. Numbers are doubles: send what needs more digits as text. */
            metadata?: {
                [key: string]: unknown;
            };
        };
        OpenAccountCommand: {
            /**
             * Format: uuid
             * @description Unique identifier of this command.
             * @example 7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f
             */
            commandId: string;
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantId: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            commandType: "OpenAccount";
            actor: components["schemas"]["Actor"];
            /**
             * Format: date-time
             * @description When the command was issued, in the years 1900 to 2999. Part of the hashed history.
             * @example 2025-01-01T00:00:00Z
             */
            timestamp: string;
            payload: components["schemas"]["OpenAccountPayload"];
            /** @description Key for safe retries; without it the commandId serves. Remembered per chain. */
            idempotencyKey?: string;
        };
        OpenAccountPayload: {
            /** @example cust_07_5f0c2f3c9d5e4b7a8c1d */
            customerId: string;
            /** @example TXN_ACCOUNT_BASIC */
            productCode: string;
            accountAlias?: string;
            /** @description Amount of 0 or more, with no more decimals than the currency has. */
            initialDeposit?: number;
            /**
             * @description ISO 4217 currency code.
             * @example AUD
             */
            currency: string;
            accountPurpose?: string;
            /** @description LOAN products only. Defaults: the least amount and the default term of the product. */
            loan?: {
                /** @description Amount above 0, with no more decimals than the currency has. */
                principal?: number;
                termMonths?: number;
            };
        };
        PostEntryCommand: {
            /**
             * Format: uuid
             * @description Unique identifier of this command.
             * @example 7c1c3cf1-3da2-4a6c-baea-0329cfa25d9f
             */
            commandId: string;
            /**
             * @description Tenant code: upper case letters, digits and underscores.
             * @example CU_DIGITAL
             */
            tenantId: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            commandType: "PostEntry";
            actor: components["schemas"]["Actor"];
            /**
             * Format: date-time
             * @description When the command was issued, in the years 1900 to 2999. Part of the hashed history.
             * @example 2025-01-01T00:00:00Z
             */
            timestamp: string;
            payload: components["schemas"]["PostEntryPayload"];
            /** @description Key for safe retries; without it the commandId serves. Remembered per chain. */
            idempotencyKey?: string;
        };
        PostEntryPayload: {
            /**
             * Format: date
             * @description ISO 8601 date.
             * @example 2025-01-03
             */
            bookingDate: string;
            /**
             * Format: date
             * @description ISO 8601 date.
             * @example 2025-01-03
             */
            valueDate: string;
            /**
             * @description ISO 4217 currency code.
             * @example AUD
             */
            currency: string;
            legs: components["schemas"]["Leg"][];
            narrative: string;
            /** @description Free text by key, at most 32. Conventions: category, channel (POS, ONLINE, NPP, BPAY, DIRECT_ENTRY, ATM, BRANCH), merchantMcc, counterparty, instrument (CASH). */
            tags?: {
                [key: string]: string;
            };
            /** @description Free additional context, at most 4096 bytes as JSON. Numbers are doubles: send what needs more digits as text. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Accounts among the legs that this entry closes; their balance must end at zero. */
            closes?: string[];
        };
        Leg: {
            /**
             * @description A member account (`acc_<chain>_…`) or a general-ledger account (`GL_…`, exists implicitly).
             * @example acc_07_5f0c2f3c9d5e4b7a8c1d
             */
            accountId: string;
            /**
             * @description DEBIT raises and CREDIT lowers the balance, on every account (the member’s view).
             * @enum {string}
             */
            direction: "DEBIT" | "CREDIT";
            /** @description Amount above 0, with no more decimals than the currency has. */
            amount: number;
        };
        /** @description Up to 1,000 envelopes, each decided for itself, in order. */
        CommandBatch: {
            commands: unknown[];
        };
        CommandAccepted: {
            /** Format: uuid */
            commandId: string;
            /** @enum {string} */
            status: "ACCEPTED";
            /** @description Id of the first event of the command. */
            correlationId: string;
            /**
             * Format: date-time
             * @description When the commit that holds the command was made.
             */
            acceptedAt: string;
            /** @description Tenant code, product code, customer, account or entry id: what the command made. */
            entityId: string;
            events: components["schemas"]["EventReference"][];
            /**
             * @description Present where nothing was written.
             * @enum {boolean}
             */
            dryRun?: true;
        };
        EventReference: {
            /** Format: uuid */
            eventId: string;
            eventType: string;
            chain: string;
            seq: number;
        };
        Error: {
            /**
             * @description Stable code of the refusal.
             * @enum {string}
             */
            error?: "Unauthorized" | "PayloadTooLarge" | "ValidationError" | "Forbidden" | "NotFound" | "IdempotencyKeyReused" | "TooManyRequests" | "ServiceUnavailable";
            message: string;
            details?: {
                [key: string]: unknown;
            };
        };
        InvariantViolation: {
            commandId: string;
            /**
             * @description Stable code of the refusal.
             * @enum {string}
             */
            error: "TenantExists" | "CurrencyUnsupported" | "TimeZoneUnknown" | "ProductTypeChanged" | "RateNegative" | "ConstraintsInconsistent" | "CustomerUnderAge" | "EmailTaken" | "MobileTaken" | "ExternalRefTaken" | "CustomerUnknown" | "AccountLimitReached" | "ProductUnknown" | "ProductWithdrawn" | "InitialDepositTooLow" | "InitialDepositOnLoan" | "LoanTermsOnDeposit" | "LoanAmountOutOfRange" | "LoanTermNotOffered" | "IncomeTooLow" | "CreditScoreTooLow" | "DebtToIncomeTooHigh" | "CurrencyMismatch" | "EntryUnbalanced" | "ValueDateBeforeBooking" | "AccountUnknown" | "AccountClosed" | "TermNotMatured" | "InsufficientFunds" | "MaximumBalanceExceeded" | "BalanceOutOfRange" | "ClosingBalanceNotZero";
            /** @enum {string} */
            invariant: "TENANT_CODE_UNIQUE" | "CURRENCY_SUPPORTED" | "TIME_ZONE_VALID" | "CONSTRAINTS_CONSISTENT" | "RATES_NON_NEGATIVE" | "MINIMUM_AGE" | "EMAIL_UNIQUE" | "MOBILE_UNIQUE" | "EXTERNAL_REF_UNIQUE" | "CUSTOMER_ACTIVE" | "ACCOUNT_LIMIT" | "PRODUCT_ACTIVE" | "MINIMUM_DEPOSIT" | "LOAN_TERMS" | "CREDIT_CRITERIA" | "CURRENCY_MATCH" | "BALANCED_ENTRIES" | "VALUE_DATE" | "ACCOUNT_ACTIVE" | "ACCOUNT_CONSTRAINTS";
            message: string;
            details: {
                [key: string]: unknown;
            };
        };
        /** @description One result a command, in order. */
        CommandBatchResult: {
            results: {
                /** @description The status code the command would have had alone. */
                status: number;
                body: components["schemas"]["CommandAccepted"] | components["schemas"]["InvariantViolation"] | components["schemas"]["Error"];
            }[];
        };
        CustomerList: {
            customers: components["schemas"]["CustomerSummary"][];
            total: number;
            limit: number;
            offset: number;
        };
        CustomerSummary: {
            customerId: string;
            externalRef?: string;
            fullName: string;
            email: string;
            segment?: string;
            kycStatus?: string;
            createdAt: string;
        };
        CustomerDetail: {
            customerId: string;
            externalRef?: string;
            fullName: string;
            email: string;
            segment?: string;
            kycStatus?: string;
            createdAt: string;
            dateOfBirth: string;
            mobile: string;
            address?: {
                [key: string]: unknown;
            };
            employment?: {
                [key: string]: unknown;
            };
            riskProfile?: {
                [key: string]: unknown;
            };
            metadata?: {
                [key: string]: unknown;
            };
            accountIds: string[];
        };
        AccountList: {
            accounts: components["schemas"]["AccountSummary"][];
            total: number;
            limit: number;
            offset: number;
        };
        AccountSummary: {
            accountId: string;
            customerId: string;
            productCode: string;
            accountAlias?: string;
            balance: number;
            currency: string;
            /** @enum {string} */
            status: "ACTIVE" | "CLOSED";
            openedAt: string;
        };
        AccountDetail: {
            accountId: string;
            customerId: string;
            productCode: string;
            accountAlias?: string;
            balance: number;
            currency: string;
            /** @enum {string} */
            status: "ACTIVE" | "CLOSED";
            openedAt: string;
            productType: string;
            accountPurpose?: string;
            /** @description Least balance allowed; negative for an overdraft or a loan. */
            minimumBalance: number;
            maximumBalance: number | null;
            maturesOn?: string;
            loan?: {
                principal: number;
                termMonths: number;
                rate: number;
            };
            eventCount: number;
        };
        EventList: {
            events: components["schemas"]["EventEnvelope"][];
            total: number;
            limit: number;
            offset: number;
        };
        EventEnvelope: {
            /** Format: uuid */
            eventId: string;
            eventType: string;
            tenantId: string;
            entityId: string;
            /** @description As hashed: money in minor units, fields ending in Minor. */
            payload: {
                [key: string]: unknown;
            };
            occurredAt: string;
            /** @description Command that caused this event. */
            causationId: string;
            chain: string;
            seq: number;
            hash: string;
            prevHash: string;
        };
        AccountBalance: {
            accountId: string;
            currency: string;
            asOf?: string;
            balance: number;
        };
        ProductList: {
            products: components["schemas"]["Product"][];
            total: number;
            limit: number;
            offset: number;
        };
        /** @description A product with its amounts in the major unit, as in UpsertProduct. */
        Product: {
            productCode: string;
            name: string;
            productType: string;
            category?: string;
            status: string;
            version: number;
            interest: {
                [key: string]: unknown;
            };
            fees?: {
                [key: string]: unknown;
            };
            constraints?: {
                [key: string]: unknown;
            };
            features?: string[];
            creditCriteria?: {
                [key: string]: unknown;
            };
        };
        Entry: {
            entryId: string;
            bookingDate: string;
            valueDate: string;
            currency: string;
            legs: {
                accountId: string;
                /** @enum {string} */
                direction: "DEBIT" | "CREDIT";
                amount: number;
            }[];
            narrative?: string;
            tags?: {
                [key: string]: string;
            };
            metadata?: {
                [key: string]: unknown;
            };
            commandId: string;
            /** Format: uuid */
            eventId: string;
            chain: string;
            seq: number;
            /** @description Commit time. */
            postedAt: string;
        };
        TrialBalance: {
            currency: string;
            lines: {
                /** @description A GL account, or `PRODUCT:<code>`: the sum of the member accounts of a product. */
                account: string;
                debits: number;
                credits: number;
                balance: number;
            }[];
            debits: number;
            credits: number;
            /** @description Always 0 once the views have caught up with all chains. */
            balance: number;
        };
        InvariantReport: {
            invariants: {
                /** @enum {string} */
                invariant: "BALANCED_ENTRIES" | "DERIVED_BALANCES" | "HASH_CHAIN" | "TENANT_ISOLATION" | "ACCOUNT_CONSTRAINTS";
                /** @description Nothing was found so far that breaches it. */
                holds: boolean;
                /** @description Events that were looked at for it. */
                checked: number;
                breached: number;
                lastBreach: {
                    chain: string;
                    seq: number;
                    /** @description When the commit was written; of a changed, unreadable or unsigned one, when that was seen. */
                    at: string;
                    reason: string;
                    /** @description Ids and amounts; money in minor units, fields ending in Minor. */
                    evidence: {
                        [key: string]: string | number | boolean | (null);
                    };
                } | null;
            }[];
            chains: {
                chain: string;
                headSeq: number;
                /** @description Last event that was looked at. */
                checkedSeq: number;
                /** @description Events up to this one are not in the counts; mostly 0. */
                countedAfterSeq: number;
            }[];
            trialBalance: {
                currency: string;
                balance: number;
                /**
                 * @description `MOVING`: chains were looked at to different moments, so the sum says nothing yet.
                 * @enum {string}
                 */
                state: "ZERO" | "NOT_ZERO" | "MOVING";
            };
            lastDigest: {
                number: number;
                at: string;
            } | null;
        };
        ChainList: {
            chains: {
                chain: string;
                headSeq: number;
                headHash: string;
                /** @description Last event that the views hold. */
                projectedSeq: number;
            }[];
        };
        ChainLines: {
            chain: string;
            /** @description The exact texts that were hashed, in order, the first that of `afterSeq` + 1. Fewer than `limit` where they would be too many bytes. */
            lines: string[];
            /** @description Newest event of the chain; seq 0 and the first hash of an empty one. */
            head: {
                seq: number;
                hash: string;
            };
            /** @description What to ask for next; null where the lines reach the head. */
            nextAfterSeq: number | null;
        };
        DigestList: {
            digests: components["schemas"]["DigestSummary"][];
            total: number;
            limit: number;
            offset: number;
        };
        DigestSummary: {
            /** @description From 1, without gaps. */
            number: number;
            /** @description When it was made, by the signer’s clock. */
            at: string;
            /** @description SHA-256 of the statement: keep it, and no other history can be shown. */
            sha256: string;
            /** @description Id of the key that signed it. */
            key: string;
        };
        DigestDetail: {
            /** @description From 1, without gaps. */
            number: number;
            /** @description When it was made, by the signer’s clock. */
            at: string;
            /** @description SHA-256 of the statement: keep it, and no other history can be shown. */
            sha256: string;
            /** @description Id of the key that signed it. */
            key: string;
            /** @description The exact text whose UTF-8 bytes are signed. */
            statement: string;
            /** @description ECDSA on P-256 with SHA-256, DER, in base64. */
            signature: string;
            /** @description The key’s public half, PEM. Take it from elsewhere to trust it. */
            publicKey: string;
            /** @description Leaves of the tree over the heads of all chains. */
            heads: string[];
            /** @description Leaves of the tree over what is new since the digest before. */
            periods: string[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    submitCommand: {
        parameters: {
            query?: {
                /** @description Decides and answers, writes nothing. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommandEnvelope"];
            };
        };
        responses: {
            /** @description Dry run: what the answer would be; nothing was written. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandAccepted"];
                };
            };
            /** @description Command accepted: its events are durable. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandAccepted"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description IdempotencyKeyReused: The idempotency key was used for another command of the same chain before. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description PayloadTooLarge: The request body is larger than the limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Command refused by an invariant */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvariantViolation"];
                };
            };
            /** @description TooManyRequests: More commands are waiting than the service takes; retry after the time in Retry-After. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    submitCommandBatch: {
        parameters: {
            query?: {
                /** @description Decides and answers, writes nothing. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommandBatch"];
            };
        };
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    /** @description Seconds to wait before commands with 429 or 503 are sent again; absent where there is none. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommandBatchResult"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description PayloadTooLarge: The request body is larger than the limit. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description TooManyRequests: More commands are waiting than the service takes; retry after the time in Retry-After. */
            429: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listCustomers: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getCustomer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                customerId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CustomerDetail"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listAccounts: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                customerId?: string;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                /** @description A member account (`acc_<chain>_…`) or a general-ledger account (`GL_…`, exists implicitly). */
                accountId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountDetail"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getAccountEvents: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                /** @description A member account (`acc_<chain>_…`) or a general-ledger account (`GL_…`, exists implicitly). */
                accountId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getAccountBalance: {
        parameters: {
            query?: {
                /** @description End of this day by value date; without it the balance now. */
                asOf?: string;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                /** @description A member account (`acc_<chain>_…`) or a general-ledger account (`GL_…`, exists implicitly). */
                accountId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBalance"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listProducts: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getEntry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                entryId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entry"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getTrialBalance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrialBalance"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getInvariants: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvariantReport"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listChains: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChainList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getChainLines: {
        parameters: {
            query?: {
                /** @description Only events after this one. */
                afterSeq?: number;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                /** @description `00` … or `catalog`. */
                chain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChainLines"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    listDigests: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DigestList"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
    getDigest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Tenant code: upper case letters, digits and underscores. */
                tenantId: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Answer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DigestDetail"];
                };
            };
            /** @description ValidationError: The request does not have the documented form; `details.faults` names the faults with their paths, the first 16 of them. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Unauthorized: There is no valid bearer token. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description Forbidden: The token does not cover this tenant, command or actor. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description NotFound: There is no such tenant, customer, account, entry or route. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description ServiceUnavailable: The journal could not be reached in time; a retry with the same key is safe. */
            503: {
                headers: {
                    /** @description Seconds to wait. */
                    "Retry-After": number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
        };
    };
}
