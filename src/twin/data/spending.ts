/** Groups of the ABS Household Expenditure Survey. */
// prettier-ignore
export type ExpenditureGroup =
  | 'housing' | 'food' | 'transport' | 'recreation' | 'miscellaneous' | 'medical' | 'furnishing' | 'services' | 'clothing'
  | 'education' | 'communication' | 'power' | 'alcohol' | 'care' | 'tobacco';

/** Dollars a week of an average household, 2015-16. Source: ABS Household Expenditure Survey. */
export const PUBLISHED_WEEKLY_SPEND: Record<ExpenditureGroup, number> = {
  housing: 279,
  food: 237,
  transport: 207,
  recreation: 172,
  miscellaneous: 97,
  medical: 82,
  furnishing: 58,
  services: 45,
  clothing: 44,
  education: 44,
  communication: 47,
  power: 41,
  alcohol: 32,
  care: 29,
  tobacco: 13,
};

/** One kind of card purchase. `weight` is its share of purchases, the price is log-normal. */
export interface SpendCategory {
  /** Value of the tag `category`. */
  category: string;
  group: ExpenditureGroup;
  weight: number;
  /** Merchant category code (ISO 18245). */
  mcc: string;
  medianPrice: number;
  sigma: number;
  /** Share of purchases made online. */
  online: number;
  /** Invented names; none is a brand. */
  merchants: readonly string[];
}

/**
 * What cards buy. Weights and prices are set so that spending by group, bills included, comes near the published shares;
 * the calibration report measures by how much it does.
 */
// prettier-ignore
export const SPEND_CATEGORIES: readonly SpendCategory[] = [
  { category: 'GROCERIES', group: 'food', weight: 185, mcc: '5411', medianPrice: 34, sigma: 0.7, online: 0.05,
    merchants: ['QUOLLMART', 'BILBY & CO GROCERS', 'PADDOCK PANTRY', 'HARVEST QUOKKA', 'CORNER NUMBAT', 'FRESHFERN MARKET'] },
  { category: 'TAKEAWAY', group: 'food', weight: 110, mcc: '5814', medianPrice: 14, sigma: 0.45, online: 0.15,
    merchants: ['WOK THE WOMBAT', 'PIE HOLLOW', 'LAKSA LYREBIRD', 'BURGER BROLGA', 'SUSHI SALTBUSH', 'KEBAB CURRAWONG'] },
  { category: 'DINING', group: 'food', weight: 85, mcc: '5812', medianPrice: 24, sigma: 0.75, online: 0.04,
    merchants: ['CAFE CORELLA', 'THE EMBER TABLE', 'JABIRU KITCHEN', 'MULGA & MYRTLE', 'FLAT WHITE FERN', 'OSTERIA POTOROO'] },
  { category: 'FUEL', group: 'transport', weight: 66, mcc: '5541', medianPrice: 62, sigma: 0.35, online: 0,
    merchants: ['SPINIFEX FUEL', 'OUTBOUND PETROLEUM', 'REDGUM SERVO', 'LONGROAD FUEL'] },
  { category: 'TRANSIT', group: 'transport', weight: 85, mcc: '4111', medianPrice: 7, sigma: 0.6, online: 0.08,
    merchants: ['CITYHOP TRANSIT', 'TAPALONG TRAVEL', 'HARBOUR & HILLS RAIL'] },
  { category: 'RIDE_SHARE', group: 'transport', weight: 25, mcc: '4121', medianPrice: 23, sigma: 0.5, online: 0.9,
    merchants: ['HITCHAROO', 'MAGPIE CABS', 'ZIPPIDEE RIDES'] },
  { category: 'CAR_CARE', group: 'transport', weight: 13, mcc: '7538', medianPrice: 205, sigma: 0.7, online: 0.03,
    merchants: ['GRIMBLE AUTO', 'TORQUE & TEA', 'BUMPER BILBY SERVICE'] },
  { category: 'PARKING', group: 'transport', weight: 20, mcc: '7523', medianPrice: 12, sigma: 0.6, online: 0.15,
    merchants: ['PARKAROO', 'BAY & LEVEL PARKING'] },
  { category: 'DIGITAL', group: 'recreation', weight: 62, mcc: '5815', medianPrice: 17, sigma: 0.5, online: 1,
    merchants: ['STREAMBAH', 'KOOKASTREAM', 'PLAYPOSSUM', 'TUNEBARK'] },
  { category: 'EVENTS', group: 'recreation', weight: 15, mcc: '7922', medianPrice: 82, sigma: 0.6, online: 0.85,
    merchants: ['CURTAIN & CALL TICKETS', 'SEATFINCH'] },
  { category: 'SPORT_AND_HOBBY', group: 'recreation', weight: 22, mcc: '5941', medianPrice: 55, sigma: 0.7, online: 0.35,
    merchants: ['RUCK & ROVER SPORTS', 'PADDLE POTOROO', 'HOBBYHOLLOW'] },
  { category: 'TRAVEL', group: 'recreation', weight: 12, mcc: '7011', medianPrice: 230, sigma: 0.7, online: 0.8,
    merchants: ['SALTFERN STAYS', 'THE BROLGA INN', 'LANTERN & TIDE HOTELS'] },
  { category: 'BOOKS_AND_GAMES', group: 'recreation', weight: 18, mcc: '5942', medianPrice: 31, sigma: 0.5, online: 0.4,
    merchants: ['DOG-EARED DINGO', 'INK & WATTLE'] },
  { category: 'PHARMACY', group: 'medical', weight: 44, mcc: '5912', medianPrice: 24, sigma: 0.6, online: 0.1,
    merchants: ['FERNLEAF CHEMIST', 'WELLWATTLE PHARMACY', 'TONIC & TEAL'] },
  { category: 'HEALTH_CARE', group: 'medical', weight: 18, mcc: '8011', medianPrice: 78, sigma: 0.5, online: 0.05,
    merchants: ['KURRABROOK MEDICAL', 'GUMNUT FAMILY PRACTICE', 'JETTY ROAD CLINIC GROUP'] },
  { category: 'HOME', group: 'furnishing', weight: 24, mcc: '5200', medianPrice: 50, sigma: 0.9, online: 0.2,
    merchants: ['HAMMER & GUM', 'SHEDLAND', 'THE TOOL MAGPIE'] },
  { category: 'FURNITURE', group: 'furnishing', weight: 8, mcc: '5712', medianPrice: 150, sigma: 0.8, online: 0.45,
    merchants: ['MULGAWOOD INTERIORS', 'SOFA SO QUOLL'] },
  { category: 'CLOTHING', group: 'clothing', weight: 36, mcc: '5651', medianPrice: 50, sigma: 0.65, online: 0.35,
    merchants: ['THREADFERN', 'CORELLA & CLOTH', 'BUTTONQUAIL', 'SOLE & BURROW'] },
  { category: 'EDUCATION', group: 'education', weight: 11, mcc: '8299', medianPrice: 150, sigma: 0.7, online: 0.6,
    merchants: ['LAMPLIGHT LEARNING', 'CHALK & CURRAWONG'] },
  { category: 'PHONE_CREDIT', group: 'communication', weight: 22, mcc: '4814', medianPrice: 28, sigma: 0.3, online: 0.7,
    merchants: ['BUSHTEL PREPAID', 'TALKATOO'] },
  { category: 'ALCOHOL', group: 'alcohol', weight: 40, mcc: '5921', medianPrice: 34, sigma: 0.5, online: 0.05,
    merchants: ['CORK & COOLAMON', 'THE BOTTLE BILBY', 'HOPS & HOLLOW'] },
  { category: 'PERSONAL_CARE', group: 'care', weight: 30, mcc: '7230', medianPrice: 39, sigma: 0.6, online: 0.1,
    merchants: ['SNIP & SALTBUSH', 'GLOW GALAH', 'THE TIDY NUMBAT BARBER'] },
  { category: 'TOBACCO', group: 'tobacco', weight: 14, mcc: '5993', medianPrice: 42, sigma: 0.4, online: 0,
    merchants: ['SMOKE & EMBER', 'CORNER KIOSK 88'] },
  { category: 'PETS', group: 'miscellaneous', weight: 16, mcc: '5995', medianPrice: 48, sigma: 0.6, online: 0.25,
    merchants: ['PAW & PADDOCK', 'WAGGLEWOOD'] },
  { category: 'GIFTS_AND_OTHER', group: 'miscellaneous', weight: 45, mcc: '5999', medianPrice: 40, sigma: 0.9, online: 0.35,
    merchants: ['THE ODD QUOKKA', 'RIBBON & REEF', 'BITS OF BRINDLE', 'PARCELPOSSUM'] },
  { category: 'LAUNDRY_AND_REPAIR', group: 'services', weight: 18, mcc: '7210', medianPrice: 45, sigma: 0.5, online: 0.1,
    merchants: ['SUDS & SPINIFEX', 'MENDABLE'] },
];
