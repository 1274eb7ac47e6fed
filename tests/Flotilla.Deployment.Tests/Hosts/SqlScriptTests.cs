namespace Flotilla.Deployment.Tests.Hosts;

/// <summary>SQL files are cut into statements as the client does it, and know none of its commands.</summary>
public sealed class SqlScriptTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2", "SELECT 1|SELECT 2")]
    [InlineData("SELECT 'a;b', \"c;d\", `e;f`;", "SELECT 'a;b', \"c;d\", `e;f`")]
    [InlineData("SELECT 'it''s;', 'back\\';slash';SELECT 3;", "SELECT 'it''s;', 'back\\';slash'|SELECT 3")]
    [InlineData("-- nothing; here\nSELECT 1; # nor; here\n--\nSELECT 5--1;", "SELECT 1|SELECT 5--1")]
    [InlineData("/* not; this */ SELECT /* nor; */ 1;/* alone */;", "SELECT /* nor; */ 1")]
    [InlineData("/*!40101 SET NAMES utf8 */;\n/*M!100100 SET x=1 */;", "/*!40101 SET NAMES utf8 */|/*M!100100 SET x=1 */")]
    [InlineData("DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;", "CREATE PROCEDURE p() BEGIN SELECT 1; END|SELECT 2")]
    [InlineData("SELECT 'two\nlines;';", "SELECT 'two\nlines;'")]
    [InlineData(";;\n ; ", "")]
    [InlineData("\\! rm -rf /\n", "\\! rm -rf /")]
    public void StatementsAreCut(string script, string expected)
        => Assert.Equal(expected, string.Join('|', SqlScript.Statements(new StringReader(script))));

    [Theory]
    [InlineData("SELECT 'open", "quotes (')")]
    [InlineData("SELECT /* open", "a comment")]
    public void AFileThatEndsTooEarlyIsRefused(string script, string words)
        => Assert.Contains(words, Assert.Throws<DeploymentException>(() => SqlScript.Statements(new StringReader(script)).ToList()).Message);

    [Fact]
    public void TheSampleIsTheSameEachTime()
    {
        var once = EmployeesSample.Statements(120).ToList();
        Assert.Equal(once, EmployeesSample.Statements(120));
        Assert.Equal(9, once.Count(statement => statement.Contains("dept_manager VALUES", StringComparison.Ordinal)));
        Assert.All(once, statement => Assert.Single(SqlScript.Statements(new StringReader(statement))));
    }
}
