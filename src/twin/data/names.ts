/** First and last names common in Australia's many communities; any pairing with a real person is chance. */
export const FIRST_NAMES = words(`
  Olivia Charlotte Amelia Isla Mia Ava Grace Ella Zoe Ruby Chloe Sophie Emily Hannah Jessica Sarah Emma Georgia Lucy Alice
  Matilda Harriet Imogen Phoebe Freya Poppy Ivy Willow Evie Daisy Priya Ananya Aarti Meera Fatima Aisha Layla Noor Yasmin
  Mei Ling Xin Jia Hui Linh Thao Mai Anh Huong Sofia Elena Maria Giulia Chiara Francesca Katerina Despina Zoya Ingrid
  Marama Aroha Tala Sina Leilani Kirra Jedda Nerida Talia Bronwyn
  Oliver Noah Jack William Leo Henry Thomas James Lucas Charlie Ethan Lachlan Cooper Hamish Angus Callum Finn Archie
  Patrick Liam Riley Hugo Samuel Benjamin Daniel Matthew Joshua Ryan Andrew Peter Arjun Rohan Vikram Sanjay Omar Ali Yusuf
  Hassan Karim Wei Jun Ming Hao Chen Minh Duc Tuan Quang Long Marco Luca Matteo Antonio Nikos Stavros Dimitri Ivan Lars
  Tane Wiremu Sione Manu Koa Jarrah Bindi Kai Tomas Mateo`);

export const LAST_NAMES = words(`
  Smith Jones Williams Brown Wilson Taylor Johnson White Martin Anderson Thompson Thomas Walker Harris Lee Ryan Robinson
  Kelly King Davis Wright Evans Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose
  Davies Rodgers Murray Campbell Stewart Scott Murphy Baker Young Edwards Hughes Morgan Bell Cooper Ward Hill Reid Fraser
  Nguyen Tran Le Pham Hoang Vu Bui Do Ngo Duong Chen Wang Li Zhang Liu Yang Huang Wu Zhou Xu Singh Kaur Sharma Gupta
  Kumar Reddy Iyer Fernando Perera Silva Ahmed Hussain Malik Rahman Haddad Khoury Nassar Saad Rossi Russo Romano Esposito
  Bianchi Papadopoulos Pappas Georgiou Kostas Novak Kowalski Petrov Ivanov Schmidt Weber Jansen Larsen Kim Park Choi
  Tanaka Sato Tupou Fifita Tamihana Ngata Marika Santos Reyes Cruz Garcia Lopez Okafor Mensah Abdi Osman Tesfaye`);

// Invented streets: the two halves together name no street that the author knows of.
const STREET_STARTS = words(
  `Ember Quoll Brolga Saltbush Lyre Numbat Coolamon Jabiru Bilby Mulga Spinifex Gumnut Potoroo Currawong Wobbegong Corella`,
);
const STREET_ENDS = words(`leaf ridge hollow bank song fern brook stone wick mere gate field`);
export const STREET_KINDS = [
  'Street',
  'Street',
  'Street',
  'Road',
  'Avenue',
  'Lane',
  'Court',
  'Parade',
  'Place',
] as const;
export const STREETS = STREET_STARTS.flatMap((start) => STREET_ENDS.map((end) => `${start}${end}`));

// Invented employers, by the same method.
const EMPLOYER_STARTS = words(
  `Quollbridge Brolgaline Saltfern Numbatech Emberwick Lyrestone Corellabank Jabirumere Bilbyfield Mulgasong Wattlecrest Kurrabrook`,
);
const EMPLOYER_KINDS = [
  'Logistics',
  'Health',
  'Foods',
  'Engineering',
  'Education',
  'Retail',
  'Software',
  'Mining Services',
  'Care',
  'Council',
];
export const EMPLOYERS = EMPLOYER_STARTS.flatMap((start) => EMPLOYER_KINDS.map((kind) => `${start} ${kind}`));

// prettier-ignore
export const OCCUPATIONS = [
  'Registered Nurse', 'Primary Teacher', 'Software Engineer', 'Electrician', 'Sales Assistant', 'Accountant', 'Chef',
  'Truck Driver', 'Aged Care Worker', 'Project Manager', 'Plumber', 'Administrator', 'Civil Engineer', 'Barista',
  'Police Officer', 'Carpenter', 'Analyst', 'Physiotherapist', 'Warehouse Worker', 'Marketing Specialist', 'Mechanic',
  'Social Worker', 'Paramedic', 'Receptionist', 'Scientist', 'Landscaper', 'Librarian', 'Solicitor', 'Cleaner', 'Designer',
] as const;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
