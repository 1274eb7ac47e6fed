using System.Globalization;
using System.Text;

namespace Flotilla.Deployment;

/// <summary>
/// A company in the shape of the classic employees sample: departments, employees, who worked where, as what, for how much. Generated, the same
/// for the same number of employees. Loading it again begins anew.
/// </summary>
internal static class EmployeesSample
{
    private const int RowsPerInsert = 500;
    private const int FirstNumber = 10_001;

    private static readonly DateOnly Epoch = new(1985, 1, 1);
    private static readonly string[] Departments =
        ["Customer Service", "Development", "Finance", "Human Resources", "Marketing", "Production", "Quality Management", "Research", "Sales"];

    private static readonly string[] FirstNames =
        ["Ada", "Barbara", "Chen", "Dora", "Edgar", "Fatima", "Grace", "Hiro", "Ines", "Jim", "Kofi", "Leslie", "Mohan", "Niklaus", "Olga", "Peter", "Qing", "Radia", "Sofia", "Tony"];

    private static readonly string[] LastNames =
        ["Abara", "Bergström", "Costa", "Dijk", "Eriksen", "Fischer", "García", "Hopper", "Ito", "Jansen", "Kumar", "Lamport", "Moreau", "Novak", "Okafor", "Perlman", "Rossi", "Silva", "Turing", "Wirth"];

    private static readonly string[] Titles = ["Assistant Engineer", "Engineer", "Senior Engineer", "Staff", "Senior Staff", "Technique Leader", "Manager"];

    public static IEnumerable<string> Statements(int employees)
    {
        foreach (var statement in Schema())
            yield return statement;
        yield return "INSERT INTO employees.departments VALUES " + string.Join(", ", Departments.Select((name, at) => $"('d{at + 1:000}', '{name}')"));
        string[] tables = ["employees", "dept_emp", "titles", "salaries"];
        for (var first = 0; first < employees; first += RowsPerInsert)
        {
            var people = Enumerable.Range(first, Math.Min(RowsPerInsert, employees - first)).Select(Rows).ToList();
            for (var table = 0; table < tables.Length; table++)
                yield return $"INSERT INTO employees.{tables[table]} VALUES {string.Join(", ", people.Select(rows => rows[table]))}";
        }

        for (var department = 0; department < Math.Min(Departments.Length, employees); department++)
            yield return $"INSERT INTO employees.dept_manager VALUES ({FirstNumber + department}, 'd{department + 1:000}', '1990-01-01', '9999-01-01')";
    }

    private static IEnumerable<string> Schema()
    {
        yield return "CREATE DATABASE IF NOT EXISTS employees DEFAULT CHARACTER SET utf8";
        yield return "DROP TABLE IF EXISTS employees.salaries, employees.titles, employees.dept_manager, employees.dept_emp, employees.employees, employees.departments";
        yield return Table("departments", "dept_no CHAR(4) NOT NULL, dept_name VARCHAR(40) NOT NULL, PRIMARY KEY (dept_no), UNIQUE KEY (dept_name)");
        yield return Table(
            "employees",
            "emp_no INT NOT NULL, birth_date DATE NOT NULL, first_name VARCHAR(14) NOT NULL, last_name VARCHAR(16) NOT NULL, gender ENUM('M', 'F') NOT NULL, hire_date DATE NOT NULL, PRIMARY KEY (emp_no)");
        foreach (var name in (string[])["dept_emp", "dept_manager"])
        {
            yield return Table(
                name,
                "emp_no INT NOT NULL, dept_no CHAR(4) NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, dept_no), KEY (dept_no), "
                + "FOREIGN KEY (emp_no) REFERENCES employees.employees (emp_no) ON DELETE CASCADE, FOREIGN KEY (dept_no) REFERENCES employees.departments (dept_no) ON DELETE CASCADE");
        }

        yield return Table(
            "titles",
            "emp_no INT NOT NULL, title VARCHAR(50) NOT NULL, from_date DATE NOT NULL, to_date DATE, PRIMARY KEY (emp_no, title, from_date), FOREIGN KEY (emp_no) REFERENCES employees.employees (emp_no) ON DELETE CASCADE");
        yield return Table(
            "salaries",
            "emp_no INT NOT NULL, salary INT NOT NULL, from_date DATE NOT NULL, to_date DATE NOT NULL, PRIMARY KEY (emp_no, from_date), FOREIGN KEY (emp_no) REFERENCES employees.employees (emp_no) ON DELETE CASCADE");
    }

    private static string Table(string name, string columns) => $"CREATE TABLE employees.{name} ({columns}) ENGINE=InnoDB";

    /// <summary>Rows of one person for each of the four tables; which person it is decides all.</summary>
    private static string[] Rows(int person)
    {
        var random = new Random(person);
        var number = FirstNumber + person;
        var born = Epoch.AddDays(-random.Next(7000, 12_000));
        var hired = Epoch.AddDays(random.Next(0, 5000));
        var department = $"d{random.Next(Departments.Length) + 1:000}";
        var salaries = new StringBuilder();
        var pay = random.Next(38_000, 70_000);
        var years = random.Next(1, 10);
        for (var year = 0; year < years; year++)
        {
            var last = year == years - 1;
            salaries.Append(CultureInfo.InvariantCulture, $"{(year > 0 ? ", " : "")}({number}, {pay}, '{Text(hired.AddYears(year))}', '{(last ? "9999-01-01" : Text(hired.AddYears(year + 1)))}')");
            pay += random.Next(-200, 4000);
        }

        return
        [
            $"({number}, '{Text(born)}', '{FirstNames[random.Next(FirstNames.Length)]}', '{LastNames[random.Next(LastNames.Length)]}', '{(random.Next(2) == 0 ? 'M' : 'F')}', '{Text(hired)}')",
            $"({number}, '{department}', '{Text(hired)}', '9999-01-01')",
            $"({number}, '{Titles[random.Next(Titles.Length)]}', '{Text(hired)}', NULL)",
            salaries.ToString(),
        ];
    }

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
