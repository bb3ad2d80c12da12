// What invented therapists are made of: names, places, payers, ways of working, in the words of the built-in
// catalog. Weights are percent chances where they stand alone, and shares where one of a list is picked. All
// of it is invented except the towns.
#ifndef RAPPORT_SERVICES_CLI_SAMPLE_WORDS_H_
#define RAPPORT_SERVICES_CLI_SAMPLE_WORDS_H_

namespace rapport::cli::sample {

inline constexpr const char* kFirstNames[] = {
    "Ada",   "Amara", "Ana",   "Anil",  "Beatriz", "Ben",   "Carla",  "Chen",  "Dana",   "David",
    "Elena", "Emeka", "Erin",  "Farah", "Grace",   "Hana",  "Imani",  "Irina", "James",  "Jin",
    "Joana", "Jonah", "Karim", "Kayla", "Laila",   "Leo",   "Lucia",  "Mai",   "Marcus", "Miriam",
    "Nadia", "Noor",  "Olga",  "Omar",  "Paula",   "Priya", "Rafael", "Rosa",  "Ruth",   "Samuel",
    "Sofia", "Tamar", "Theo",  "Vera",  "Wanda",   "Yara",  "Yusuf",  "Zoe"};
inline constexpr const char* kLastNames[] = {
    "Abbott",  "Acosta",  "Adeyemi",  "Almeida", "Barros",   "Bennett",  "Bianchi",  "Brennan", "Castillo",
    "Chandra", "Cho",     "Clarke",   "Cohen",   "Costa",    "Danso",    "Diaz",     "Doyle",   "Duarte",
    "Eckert",  "Farrell", "Fonseca",  "Foster",  "Gallo",    "Greene",   "Haddad",   "Hale",    "Hoang",
    "Ibarra",  "Iqbal",   "Jensen",   "Kaplan",  "Kowalski", "Lam",      "Lindgren", "Lopes",   "Marsh",
    "Medina",  "Moreau",  "Nakamura", "Nolan",   "Okafor",   "Olsen",    "Pereira",  "Quinn",   "Rahman",
    "Reyes",   "Rossi",   "Sandoval", "Sato",    "Silva",    "Sullivan", "Tavares",  "Tran",    "Vega",
    "Walsh",   "Weiss",   "Winters",  "Yilmaz",  "Young",    "Zhang"};

// Coordinates in ten-thousandths of a degree.
struct Town {
  const char* name;
  int latitude;
  int longitude;
};
inline constexpr Town kMassachusetts[] = {{"Boston", 423601, -710589},      {"Boston", 423601, -710589},
                                          {"Cambridge", 423736, -711097},   {"Somerville", 423876, -710995},
                                          {"Quincy", 422529, -710023},      {"Newton", 423370, -712092},
                                          {"Lowell", 426334, -713162},      {"Worcester", 422626, -718023},
                                          {"Springfield", 421015, -725898}, {"Northampton", 423251, -726412}};
inline constexpr Town kRhodeIsland[] = {{"Providence", 418240, -714128},
                                        {"Pawtucket", 418787, -713826},
                                        {"Warwick", 417001, -714162},
                                        {"Newport", 414901, -713128}};
inline constexpr Town kConnecticut[] = {{"Hartford", 417658, -726734},
                                        {"New Haven", 413083, -729279},
                                        {"Stamford", 410534, -735387},
                                        {"Norwich", 415243, -720759}};
inline constexpr Town kNewYork[] = {{"New York", 407128, -740060},
                                    {"New York", 407128, -740060},
                                    {"White Plains", 410340, -737629},
                                    {"Albany", 426526, -737562},
                                    {"Buffalo", 428864, -788784}};
inline constexpr Town kNewfoundland[] = {
    {"St. John's", 475615, -527126}, {"Corner Brook", 489490, -579483}, {"Gander", 489569, -546089}};

struct Chance {
  const char* id;
  int weight;
};
inline constexpr Chance kUsPayers[] = {{"self_pay", 85}, {"blue_cross_blue_shield", 58},
                                       {"aetna", 40},    {"united_healthcare", 35},
                                       {"cigna", 32},    {"optum", 26},
                                       {"medicare", 24}, {"medicaid", 22},
                                       {"anthem", 18},   {"eap", 14},
                                       {"tricare", 8},   {"humana", 7}};
inline constexpr Chance kCanadianPayers[] = {{"self_pay", 100}, {"eap", 45}};

inline constexpr Chance kLanguages[] = {{"es", 20}, {"pt", 9}, {"fr", 6}, {"zh", 4}, {"ht", 3},
                                        {"ru", 3},  {"vi", 2}, {"ar", 2}, {"hi", 2}, {"ase", 2}};
inline constexpr Chance kAgeGroups[] = {
    {"child", 22}, {"preteen", 24}, {"teen", 40}, {"adult", 92}, {"older_adult", 45}};
inline constexpr Chance kFormats[] = {{"individual", 97}, {"couple", 28}, {"family", 20}, {"group", 12}};
inline constexpr Chance kModalities[] = {{"video", 88}, {"in_person", 66}, {"phone", 30}, {"chat", 5}};
inline constexpr Chance kGenders[] = {{"woman", 62}, {"man", 26}, {"nonbinary", 4}, {"", 8}};
inline constexpr Chance kTags[] = {{"lgbtq_affirming", 42},
                                   {"wheelchair_access", 30},
                                   {"sliding_scale", 25},
                                   {"trans_affirming", 22},
                                   {"parent", 20},
                                   {"neurodiversity_affirming", 18},
                                   {"lgbtq", 12},
                                   {"immigrant", 12},
                                   {"racial_trauma_experience", 12},
                                   {"latino", 10},
                                   {"black", 9},
                                   {"veteran_experience", 8},
                                   {"east_asian", 5},
                                   {"faith_christian", 5},
                                   {"secular", 5},
                                   {"neurodivergent", 5},
                                   {"south_asian", 4},
                                   {"faith_jewish", 3},
                                   {"in_recovery", 3},
                                   {"refugee_experience", 3},
                                   {"faith_muslim", 2},
                                   {"veteran", 2},
                                   {"deaf", 1}};

struct Licence {
  const char* title;
  int weight;
  bool psychologist;  // may hold a privilege under the psychologists' compact
};
inline constexpr Licence kUsLicences[] = {{"LICSW", 38, false}, {"LMHC", 28, false}, {"PhD", 12, true},
                                          {"PsyD", 10, true},   {"LMFT", 8, false},  {"PMHNP", 4, false}};
inline constexpr Licence kCanadianLicences[] = {
    {"RSW", 50, false}, {"CCC", 30, false}, {"R.Psych.", 20, false}};

// Schools: how those of one school tend to work, in tenths from -10 to 10, in the order of the style
// dimensions.
struct School {
  int weight;
  int directiveness;
  int emotional_intensity;
  int past_focus;
  int warm_support;
  const char* approaches[5];
  const char* concerns[8];
};
inline constexpr School kSchools[] = {
    {30,
     6,
     -2,
     -5,
     2,
     {"cbt", "act", "erp", "mindfulness_based", "solution_focused"},
     {"anxiety", "depression", "ocd", "sleep", "stress", "adhd", "career", "chronic_illness"}},
    {15,
     -5,
     4,
     7,
     1,
     {"psychodynamic", "psychoanalytic", "existential", "ipt", "schema"},
     {"depression", "self_understanding", "fine_but_not", "relationship", "personality", "stuck", "grief",
      "sexuality"}},
    {20,
     -6,
     3,
     0,
     8,
     {"person_centred", "narrative", "ifs", "mindfulness_based", "existential"},
     {"grief", "self_esteem", "life_transition", "anxiety", "depression", "personal_growth",
      "gender_identity", "spirituality"}},
    {12,
     5,
     3,
     -2,
     -4,
     {"dbt", "schema", "motivational_interviewing", "gestalt", "cbt"},
     {"self_harm", "personality", "alcohol", "substance_use", "anger", "eating", "bipolar", "depression"}},
    {13,
     1,
     1,
     3,
     6,
     {"emdr", "cpt", "prolonged_exposure", "somatic", "ifs"},
     {"trauma", "grief", "anxiety", "sleep", "racial_identity", "chronic_illness", "self_esteem",
      "depression"}},
    {10,
     1,
     6,
     1,
     4,
     {"eft", "gottman", "family_systems", "ipt", "play"},
     {"relationship", "family_conflict", "divorce", "parenting", "perinatal", "anger", "life_transition",
      "autism"}}};

inline constexpr const char* kOftenDeclined[] = {"psychosis", "eating", "substance_use", "self_harm",
                                                 "bipolar"};

}  // namespace rapport::cli::sample

#endif  // RAPPORT_SERVICES_CLI_SAMPLE_WORDS_H_
