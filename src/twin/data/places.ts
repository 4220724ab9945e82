export type State = 'NSW' | 'ACT' | 'VIC' | 'TAS' | 'QLD' | 'SA' | 'WA' | 'NT';

export interface Place {
  suburb: string;
  postcode: string;
  state: State;
}

// Suburb and postcode, by state. Public geography; streets and house numbers are invented elsewhere.
const LISTED: Record<State, string> = {
  NSW: `Sydney 2000, Barangaroo 2000, Haymarket 2000, Ultimo 2007, Chippendale 2008, Pyrmont 2009, Surry Hills 2010,
    Darlinghurst 2010, Potts Point 2011, Woolloomooloo 2011, Alexandria 2015, Redfern 2016, Waterloo 2017, Zetland 2017,
    Rosebery 2018, Botany 2019, Mascot 2020, Paddington 2021, Bondi Junction 2022, Bellevue Hill 2023, Bronte 2024,
    Woollahra 2025, Bondi 2026, Double Bay 2028, Rose Bay 2029, Vaucluse 2030, Randwick 2031, Kingsford 2032,
    Kensington 2033, Coogee 2034, Maroubra 2035, Glebe 2037, Annandale 2038, Rozelle 2039, Leichhardt 2040, Balmain 2041,
    Newtown 2042, Enmore 2042, Erskineville 2043, St Peters 2044, Haberfield 2045, Five Dock 2046, Drummoyne 2047,
    Stanmore 2048, Petersham 2049, Camperdown 2050, North Sydney 2060, Kirribilli 2061, Cammeray 2062, Northbridge 2063,
    Artarmon 2064, Crows Nest 2065, Lane Cove 2066, Chatswood 2067, Willoughby 2068, Roseville 2069, Lindfield 2070,
    Killara 2071, Gordon 2072, Pymble 2073, Turramurra 2074, St Ives 2075, Wahroonga 2076, Hornsby 2077, Mosman 2088,
    Neutral Bay 2089, Cremorne 2090, Manly 2095, Dee Why 2099, Brookvale 2100, Narrabeen 2101, Mona Vale 2103,
    Newport 2106, Ryde 2112, Eastwood 2122, Ashfield 2131, Croydon 2132, Burwood 2134, Strathfield 2135, Blacktown 2148,
    Parramatta 2150, Castle Hill 2154, Fairfield 2165, Cabramatta 2166, Liverpool 2170, Bankstown 2200, Marrickville 2204,
    Kogarah 2217, Hurstville 2220, Cronulla 2230, Sutherland 2232, Gosford 2250, Charlestown 2290, Newcastle 2300,
    Maitland 2320, Tamworth 2340, Armidale 2350, Moree 2400, Port Macquarie 2444, Coffs Harbour 2450, Grafton 2460,
    Ballina 2478, Lismore 2480, Byron Bay 2481, Tweed Heads 2485, Wollongong 2500, Kiama 2533, Nowra 2541, Bega 2550,
    Campbelltown 2560, Camden 2570, Goulburn 2580, Queanbeyan 2620, Cooma 2630, Albury 2640, Wagga Wagga 2650,
    Griffith 2680, Penrith 2750, Katoomba 2780, Lithgow 2790, Cowra 2794, Bathurst 2795, Orange 2800, Dubbo 2830,
    Mudgee 2850, Parkes 2870, Forbes 2871, Broken Hill 2880`,
  ACT: `Barton 2600, Yarralumla 2600, Deakin 2600, Ainslie 2602, Dickson 2602, Griffith 2603, Kingston 2604, Curtin 2605,
    Phillip 2606, Weston 2611, Braddon 2612, Turner 2612, Belconnen 2617, Bruce 2617, Greenway 2900, Kambah 2902,
    Gungahlin 2912`,
  VIC: `Melbourne 3000, East Melbourne 3002, West Melbourne 3003, Southbank 3006, Docklands 3008, Footscray 3011,
    Yarraville 3013, Newport 3015, Williamstown 3016, Altona 3018, Sunshine 3020, Werribee 3030, Kensington 3031,
    Flemington 3031, Ascot Vale 3032, Moonee Ponds 3039, Essendon 3040, North Melbourne 3051, Parkville 3052, Carlton 3053,
    Brunswick 3056, Coburg 3058, Fitzroy 3065, Collingwood 3066, Abbotsford 3067, Clifton Hill 3068, Northcote 3070,
    Thornbury 3071, Preston 3072, Reservoir 3073, Bundoora 3083, Heidelberg 3084, Kew 3101, Doncaster 3108, Richmond 3121,
    Hawthorn 3122, Camberwell 3124, Box Hill 3128, Blackburn 3130, Ringwood 3134, Croydon 3136, Lilydale 3140,
    South Yarra 3141, Toorak 3142, Armadale 3143, Malvern 3144, Glen Waverley 3150, Caulfield 3162, Oakleigh 3166,
    Clayton 3168, Dandenong 3175, Prahran 3181, Windsor 3181, St Kilda 3182, Balaclava 3183, Elwood 3184,
    Elsternwick 3185, Brighton 3186, Sandringham 3191, Cheltenham 3192, Mentone 3194, Frankston 3199, South Melbourne 3205,
    Albert Park 3206, Port Melbourne 3207, Geelong 3220, Torquay 3228, Colac 3250, Warrnambool 3280, Hamilton 3300,
    Ballarat Central 3350, Ararat 3377, Horsham 3400, Castlemaine 3450, Mildura 3500, Bendigo 3550, Echuca 3564,
    Swan Hill 3585, Shepparton 3630, Wangaratta 3677, Wodonga 3690, Berwick 3806, Pakenham 3810, Morwell 3840,
    Traralgon 3844, Sale 3850, Bairnsdale 3875, Mornington 3931`,
  TAS: `Hobart 7000, North Hobart 7000, Battery Point 7004, Sandy Bay 7005, New Town 7008, Moonah 7009, Glenorchy 7010,
    Bellerive 7018, Kingston 7050, Huonville 7109, Launceston 7250, Devonport 7310, Ulverstone 7315, Burnie 7320,
    Queenstown 7467`,
  QLD: `Brisbane City 4000, New Farm 4005, Fortitude Valley 4006, Hamilton 4007, Ascot 4007, Clayfield 4011, Nundah 4012,
    Sandgate 4017, Redcliffe 4020, Lutwyche 4030, Kedron 4031, Chermside 4032, Ashgrove 4060, Paddington 4064,
    Milton 4064, Toowong 4066, St Lucia 4067, Indooroopilly 4068, Kenmore 4069, West End 4101, South Brisbane 4101,
    Woolloongabba 4102, Annerley 4103, Sunnybank 4109, Logan Central 4114, Mount Gravatt 4122, Coorparoo 4151,
    Carindale 4152, Cleveland 4163, Kangaroo Point 4169, Bulimba 4171, Wynnum 4178, Beenleigh 4207, Nerang 4211,
    Southport 4215, Surfers Paradise 4217, Broadbeach 4218, Burleigh Heads 4220, Coolangatta 4225, Robina 4226,
    Ipswich 4305, Warwick 4370, Dalby 4405, Roma 4455, Caboolture 4510, Caloundra 4551, Maroochydore 4558, Nambour 4560,
    Noosa Heads 4567, Gympie 4570, Maryborough 4650, Gladstone 4680, Rockhampton City 4700, Yeppoon 4703, Emerald 4720,
    Longreach 4730, Mackay 4740, Townsville City 4810, Mount Isa 4825, Cairns City 4870, Port Douglas 4877`,
  SA: `Adelaide 5000, North Adelaide 5006, Hindmarsh 5007, Port Adelaide 5015, Semaphore 5019, Henley Beach 5022,
    Goodwood 5034, Marion 5043, Glenelg 5045, Brighton 5048, Unley 5061, Mitcham 5062, Burnside 5066, Norwood 5067,
    Prospect 5082, Modbury 5092, Salisbury 5108, Elizabeth 5112, Gawler 5118, Stirling 5152, Victor Harbor 5211,
    Hahndorf 5245, Mount Barker 5251, Murray Bridge 5253, Mount Gambier 5290, Tanunda 5352, Port Pirie 5540, Whyalla 5600,
    Port Lincoln 5606, Port Augusta 5700`,
  WA: `Perth 6000, East Perth 6004, West Perth 6005, Leederville 6007, Subiaco 6008, Nedlands 6009, Claremont 6010,
    Cottesloe 6011, Mosman Park 6012, Innaloo 6018, Scarborough 6019, Joondalup 6027, Mount Lawley 6050, Maylands 6051,
    Bayswater 6053, Midland 6056, Morley 6062, Victoria Park 6100, Cannington 6107, Armadale 6112, South Perth 6151,
    Como 6152, Applecross 6153, East Fremantle 6158, Fremantle 6160, Rockingham 6168, Mandurah 6210, Bunbury 6230,
    Busselton 6280, Margaret River 6285, Albany 6330, Northam 6401, Kalgoorlie 6430, Esperance 6450, Geraldton 6530,
    Karratha 6714, Port Hedland 6721, Broome 6725`,
  NT: `Darwin City 0800, Nightcliff 0810, Casuarina 0810, Parap 0820, Fannie Bay 0820, Palmerston City 0830,
    Katherine 0850, Alice Springs 0870`,
};

/** Some 380 places of Australia whose suburb, postcode and state belong together, by state. */
export const PLACES: Record<State, readonly Place[]> = {
  NSW: placesOf('NSW'),
  ACT: placesOf('ACT'),
  VIC: placesOf('VIC'),
  TAS: placesOf('TAS'),
  QLD: placesOf('QLD'),
  SA: placesOf('SA'),
  WA: placesOf('WA'),
  NT: placesOf('NT'),
};

function placesOf(state: State): Place[] {
  return LISTED[state].split(',').map((row) => {
    const text = row.trim();
    return { suburb: text.slice(0, -5), postcode: text.slice(-4), state };
  });
}
