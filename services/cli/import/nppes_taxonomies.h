// Provider taxonomy codes (NUCC) of those who treat mental health, as the registry uses them. A row without
// any of these is not for us. The titles are short words of our own; the full code set is NUCC's.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_NPPES_TAXONOMIES_H_
#define RAPPORT_SERVICES_CLI_IMPORT_NPPES_TAXONOMIES_H_

namespace rapport::cli {

struct Taxonomy {
  const char* code;
  const char* title;
};

inline constexpr Taxonomy kMentalHealthTaxonomies[] = {
    {"101YA0400X", "addiction counselor"},
    {"101YM0800X", "mental health counselor"},
    {"101YP2500X", "professional counselor"},
    {"103T00000X", "psychologist"},
    {"103TC0700X", "clinical psychologist"},
    {"103TC2200X", "clinical child and adolescent psychologist"},
    {"103TF0000X", "family psychologist"},
    {"1041C0700X", "clinical social worker"},
    {"106H00000X", "marriage and family therapist"},
    {"2084P0800X", "psychiatrist"},
    {"363LP0808X", "psychiatric nurse practitioner"},
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_NPPES_TAXONOMIES_H_
